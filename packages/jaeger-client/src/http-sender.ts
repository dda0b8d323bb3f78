// jaeger-client/dist/src/reporters/http_sender: never exported, and imported all the same.
export { HTTPSender, HTTPSender as default, type HttpSenderOptions } from './senders.js';
