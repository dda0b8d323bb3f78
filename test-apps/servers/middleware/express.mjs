import { createServer } from 'node:http';
import { jaegerMiddleware } from '@spoor/express';
import compression from 'compression';
import express5 from 'express';
import express4 from 'express-4';
import session from 'express-session';
import multer from 'multer';
import { bigAnswer, secret, sessionAnswer, staticFolder, uploadAnswer } from './parts.mjs';

function stack(name, express) {
  return {
    name,
    staticName: 'GET',
    async start(options) {
      const app = express();
      app.use(jaegerMiddleware(options));
      app.use(compression());
      app.use(session({ secret, resave: false, saveUninitialized: false }));
      app.use('/static', express.static(staticFolder));
      app.use(multer().single('file'));
      app.get('/big', (_, response) => response.json(bigAnswer()));
      app.post('/upload', (request, response) =>
        response.json(uploadAnswer(request.file.size, request.body.field)),
      );
      app.get('/session', (request, response) => {
        request.session.count = (request.session.count ?? 0) + 1;
        response.json(sessionAnswer(request.session.count));
      });
      return createServer(app);
    },
  };
}

export const expressStacks = [stack('Express 5', express5), stack('Express 4', express4)];
