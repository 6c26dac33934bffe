// The workspace as a JSON document: readable, versioned, the same on disk and as an export. Bytes stand in it as text with
// C escapes (`{"bytes": "220 ready\\r\\n"}`). Counterparts: workspace.ts, main/workspace (the file), renderer/library.
import { fail, ok, type Result } from './failure.ts'
import { formatEscaped, parseEscapes } from './notation.ts'
import {
  emptyWorkspace,
  type WorkspacePartName,
  type WorkspaceParts,
  workspacePartNames,
  workspaceVersion,
} from './workspace.ts'
import { checkWorkspacePart } from './workspace-checks.ts'

const format = 'wireloop-workspace'

/** What a document held: its good parts, and what was wrong with the others. */
export interface OpenedDocument {
  readonly parts: Partial<WorkspaceParts>
  readonly revisions: Partial<Record<WorkspacePartName, number>>
  /** One sentence a part that could not be taken. */
  readonly damaged: readonly string[]
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const toJson = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return { bytes: formatEscaped(value) }
  if (Array.isArray(value)) return value.map(toJson)
  if (isRecord(value)) return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, toJson(each)]))
  return value
}

const fromJson = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(fromJson)
  if (!isRecord(value)) return value
  const names = Object.keys(value)
  // Nothing of ours has a single field of this name, but for bytes; filters and highlights are left as they are.
  if (names.length === 1 && typeof value['bytes'] === 'string') {
    const parsed = parseEscapes(value['bytes'])
    return parsed.ok ? parsed.bytes : value
  }
  return Object.fromEntries(names.map((name) => [name, fromJson(value[name])]))
}

/** Parts whose values may hold bytes. */
const withBytes: readonly WorkspacePartName[] = ['endpoints']

/** The document of these parts, indented, ending in a line break. Exports leave `revisions` out. */
export const formatWorkspace = (
  parts: Partial<WorkspaceParts>,
  revisions?: Readonly<Record<WorkspacePartName, number>>,
): string => {
  const named = workspacePartNames
    .filter((name) => parts[name] !== undefined)
    .map((name) => [name, withBytes.includes(name) ? toJson(parts[name]) : parts[name]])
  const document = {
    format,
    version: workspaceVersion,
    ...(revisions === undefined ? {} : { revisions }),
    ...Object.fromEntries(named),
  }
  return `${JSON.stringify(document, null, 2)}\n`
}

const revisionOf = (revisions: unknown, name: WorkspacePartName): number => {
  const value = isRecord(revisions) ? revisions[name] : undefined
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : 0
}

/**
 * Reads a document. Failure `not-a-workspace` where the text is no such document, `newer` where a later Wireloop has
 * written it; single parts that are wrong are told of in `damaged`.
 */
export const parseWorkspace = (text: string): Result<OpenedDocument> => {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (error) {
    return fail('not-a-workspace', `It is no JSON: ${(error as Error).message}`)
  }
  if (!isRecord(document) || document['format'] !== format)
    return fail('not-a-workspace', `It is no workspace of Wireloop: "format" is not "${format}"`)
  const { version } = document
  if (typeof version !== 'number' || !Number.isInteger(version) || version < 1)
    return fail('not-a-workspace', 'It is no workspace of Wireloop: "version" is not a whole number')
  if (version > workspaceVersion)
    return fail(
      'newer',
      `It was written by a newer Wireloop (version ${version}; this one reads up to ${workspaceVersion})`,
    )
  const damaged: string[] = []
  const parts: Record<string, unknown> = {}
  const revisions: Partial<Record<WorkspacePartName, number>> = {}
  for (const name of workspacePartNames) {
    if (document[name] === undefined) continue
    revisions[name] = revisionOf(document['revisions'], name)
    const checked = checkWorkspacePart(name, withBytes.includes(name) ? fromJson(document[name]) : document[name])
    if (checked.ok) parts[name] = checked.value
    else {
      const { message, path } = checked.failure
      damaged.push(`${path === undefined ? name : `${name}.${path}`}: ${message}`)
      parts[name] = emptyWorkspace[name]
    }
  }
  return ok({ parts, revisions, damaged })
}
