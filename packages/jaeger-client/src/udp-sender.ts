// jaeger-client/dist/src/reporters/udp_sender: never exported, and imported all the same.
export { UDPSender, UDPSender as default, type UdpSenderOptions } from './senders.js';
