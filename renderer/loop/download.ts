// Hands a text over as a file, in the browser and in the desktop window alike: a Blob's address needs no host and no inline
// script, so the page's policy allows it. Counterpart: export-menu.tsx.

/** How long the address stays valid for a slow start of the download, ms. */
const keepMs = 60_000

/** Saves parts that follow each other as one file; the browser asks, or puts it where downloads go. */
export const downloadParts = (name: string, type: string, parts: Iterable<string | Blob>): void => {
  const address = URL.createObjectURL(new Blob([...parts], { type }))
  const anchor = document.createElement('a')
  anchor.href = address
  anchor.download = name
  document.body.append(anchor)
  anchor.click()
  anchor.remove()
  setTimeout(() => URL.revokeObjectURL(address), keepMs)
}
