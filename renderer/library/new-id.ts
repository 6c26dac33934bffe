// Ids of what a person saves: unique in a workspace, also where two pages save at the same time.

/** 16 random letters and digits. By hand, because a page that came over plain HTTP has no `crypto.randomUUID`. */
export const newId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, '0')).join('')
