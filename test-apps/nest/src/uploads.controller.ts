import { Controller, Post, UploadedFile, UseInterceptors } from '@nestjs/common';
import { FileInterceptor } from '@nestjs/platform-express';
import { seenBy } from './seen.js';

/** Express only: what parses a form there reads the body from its events. */
@Controller({ path: 'uploads', version: '1' })
export class UploadsController {
  @Post()
  @UseInterceptors(FileInterceptor('file'))
  upload(@UploadedFile() file: { size: number }) {
    seenBy('controller');
    return { size: file.size };
  }
}
