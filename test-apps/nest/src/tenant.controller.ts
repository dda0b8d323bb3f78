import { setTimeout as sleep } from 'node:timers/promises';
import { Controller, Get, Inject, type Provider, Scope } from '@nestjs/common';
import { REQUEST } from '@nestjs/core';
import { seenBy } from './seen.js';

const TENANT = Symbol('tenant');

/** Made anew for every request, and not at once. */
export const tenantProvider: Provider = {
  provide: TENANT,
  scope: Scope.REQUEST,
  inject: [REQUEST],
  async useFactory({ headers }: { headers: Record<string, string> }) {
    await sleep(1);
    seenBy('provider');
    return headers['x-tenant'];
  },
};

/** Request-scoped, because what it is made of is. */
@Controller({ path: 'tenant', version: '1' })
export class TenantController {
  constructor(@Inject(TENANT) private readonly tenant: string) {
    seenBy('constructor');
  }

  @Get()
  name() {
    seenBy('controller');
    return { tenant: this.tenant };
  }
}
