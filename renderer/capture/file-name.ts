// Names of capture files as people read and type them: without the extension that every capture has. Pure. Counterparts:
// capture-row.tsx, the contract's checks.ts (which refuses what is no plain file name).

const extension = '.wireloop'

export const withoutExtension = (name: string): string =>
  name.endsWith(extension) ? name.slice(0, -extension.length) : name

/** What a copy may be called, unless the person says otherwise. */
export const copyName = (name: string): string => `${withoutExtension(name)} copy`

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
const notInFileNames = /[/\\<>:"|?*\u0000-\u001f\u007f]/

/** The file's name of what was typed; null where that is none. */
export const fileNameOf = (typed: string): string | null => {
  const stem = withoutExtension(typed.trim())
  if (stem === '' || stem.length > 180 || notInFileNames.test(stem) || /^\.|[. ]$/.test(stem)) return null
  return `${stem}${extension}`
}
