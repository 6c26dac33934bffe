// Who speaks on an ipc channel: the first thing that is asked of every message, before its shape and long before its meaning.
// Counterpart: ipc.ts. (https://electronjs.org/docs/latest/tutorial/security, “Validate the sender of all IPC messages”)
import type { IpcMainEvent, IpcMainInvokeEvent, WebContents, WebFrameMain } from 'electron'

/**
 * The frame that sent `event` where that is the main frame of our window showing our page, else null: a subframe, a page the
 * window was led to, another window, or a frame that is gone by now (then `senderFrame` itself is null).
 */
export const ourFrame = (
  event: Pick<IpcMainEvent | IpcMainInvokeEvent, 'sender' | 'senderFrame'>,
  page: WebContents | null,
  origin: string,
): WebFrameMain | null => {
  const frame = event.senderFrame
  return frame !== null && event.sender === page && frame.parent === null && frame.origin === origin ? frame : null
}
