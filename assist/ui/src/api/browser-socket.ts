import type { Socket, SocketListeners } from './call-stream.js';

export function openBrowserSocket(path: string, listeners: SocketListeners): Socket {
  const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}${path}`);
  socket.onopen = () => listeners.onOpen();
  socket.onmessage = (event) => listeners.onText(String(event.data));
  socket.onclose = (event) => listeners.onClose(event.code);
  return {
    send: (text) => {
      if (socket.readyState !== WebSocket.OPEN) return false;
      socket.send(text);
      return true;
    },
    close: () => socket.close(),
  };
}
