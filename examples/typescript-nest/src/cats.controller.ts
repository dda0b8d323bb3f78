import { Controller, Get, Param, ParseIntPipe } from '@nestjs/common';
import { CatsService } from './cats.service.js';

@Controller('cats')
export class CatsController {
  constructor(private readonly cats: CatsService) {}

  @Get(':id')
  find(@Param('id', ParseIntPipe) id: number) {
    return this.cats.find(id);
  }
}
