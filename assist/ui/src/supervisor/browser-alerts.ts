/** Messages of the browser. They are only asked for when the person presses the button. */

import { readJson, writeJson, type TextStorage } from '../store/preferences.js';

const KEY = 'assist.console.alerts';

export function canAlert(): boolean {
  return 'Notification' in window && window.isSecureContext;
}

export function alertsWanted(storage: TextStorage): boolean {
  return canAlert() && Notification.permission === 'granted' && readJson<boolean>(storage, KEY) === true;
}

export function setAlertsWanted(storage: TextStorage, wanted: boolean): void {
  writeJson(storage, KEY, wanted);
}

export async function askForAlerts(): Promise<boolean> {
  return (await Notification.requestPermission()) === 'granted';
}

/** The same request makes one message, however many tabs are open. */
export function showAlert(id: string, title: string, body: string, onClick: () => void): void {
  try {
    const message = new Notification(title, { body, tag: id });
    message.onclick = () => {
      window.focus();
      message.close();
      onClick();
    };
  } catch {
    return;
  }
}
