// Where the bytes of an export go in a browser: straight into a file that the person chooses, where the browser can
// (File System Access), and else together into one download, of a bounded size. Counterpart: export-run.ts.
import { downloadParts } from '../loop/download.ts'

/** The most that a download is put together of: 1 GiB. The browser keeps it until it is saved. */
export const maxDownloadBytes = 1024 * 1024 * 1024

export interface SaveTarget {
  /** Rejects with a sentence where it takes no more. */
  write(data: Uint8Array): Promise<void>
  /** Everything is there. */
  close(name: string, type: string): Promise<void>
  /** Leaves nothing behind. */
  abandon(): Promise<void>
}

interface FileWriter {
  write(data: Uint8Array): Promise<void>
  close(): Promise<void>
  abort(): Promise<void>
}

type SaveFilePicker = (options: {
  readonly suggestedName: string
}) => Promise<{ createWritable(): Promise<FileWriter> }>

const picker = (): SaveFilePicker | undefined => (window as { showSaveFilePicker?: SaveFilePicker }).showSaveFilePicker

const intoDownload = (tooLarge: string): SaveTarget => {
  let parts: Blob[] = []
  let bytes = 0
  return {
    async write(data) {
      bytes += data.length
      if (bytes > maxDownloadBytes) throw new Error(tooLarge)
      parts.push(new Blob([data as Uint8Array<ArrayBuffer>]))
    },
    async close(name, type) {
      downloadParts(name, type, parts)
    },
    async abandon() {
      parts = []
    },
  }
}

/** Asks for a place, where the browser can; has to be called right from a click. Null where the person thought better of it. */
export const chooseTarget = async (name: string, tooLarge: string): Promise<SaveTarget | null> => {
  const choose = picker()
  if (choose === undefined) return intoDownload(tooLarge)
  try {
    const writer = await (await choose({ suggestedName: name })).createWritable()
    return {
      write: (data) => writer.write(data),
      close: () => writer.close(),
      abandon: () => writer.abort().catch(() => undefined),
    }
  } catch (error) {
    if ((error as DOMException).name === 'AbortError') return null
    // Forbidden here (a frame, a policy): the old way is still there.
    return intoDownload(tooLarge)
  }
}
