import { type INestApplication, VersioningType } from '@nestjs/common';

/** What is the same on both platforms. */
export function setUp(app: INestApplication): void {
  app.setGlobalPrefix('api');
  app.enableVersioning({ type: VersioningType.URI });
}
