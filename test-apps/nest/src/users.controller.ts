import { Controller, Get, Inject, Param, ParseIntPipe } from '@nestjs/common';
import { seenBy } from './seen.js';
import { UsersService } from './users.service.js';

@Controller({ path: 'users', version: '1' })
export class UsersController {
  constructor(@Inject(UsersService) private readonly users: UsersService) {}

  @Get(':id')
  find(@Param('id', ParseIntPipe) id: number) {
    seenBy('controller');
    return this.users.find(id);
  }

  @Get(':id/work')
  async work(@Param('id', ParseIntPipe) id: number) {
    await this.users.work(id);
    return { id };
  }
}
