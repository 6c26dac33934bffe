// A decoded payload as a tree: which decoder reads it and why not all of it, its fields, folded and unfolded by keys, and the
// link between a field and its bytes. Counterparts: decode.ts (what is shown), inspector/bytes-section.tsx (the dump below).
import './decoders.css'
import { ChevronDown, ChevronRight } from 'lucide-react'
import { type KeyboardEvent, useEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { encodingLabels, type TextEncoding } from '../../preload/contract/encodings.ts'
import type { EndpointId } from '../../preload/contract/vocabulary.ts'
import { useEndpoints } from '../stores/endpoints.ts'
import { Choice } from '../ui/choice.tsx'
import { formatCount } from '../ui/format.ts'
import { chooseDecoder, type DecoderChoice, decoderChoices, useDecoderChoice } from './choice.ts'
import type { DecoderId } from './decode.ts'
import { decodeBounds, type Field } from './decoded.ts'
import type { DecodedPayload } from './use-decoded.ts'

/** Lines of the tree that are shown at first, and more each time. */
const linesShown = 200

/** What a decoder is called. */
export const useDecoderName = (): ((id: DecoderId) => string) => {
  const { t } = useTranslation()
  return (id) =>
    id.startsWith('text:')
      ? encodingLabels[id.slice(5) as TextEncoding]
      : t(`decode.name.${id as Exclude<DecoderId, `text:${string}`>}`)
}

interface Line {
  readonly field: Field
  readonly depth: number
  /** Place in the tree, by indices. */
  readonly path: string
}

const linesOf = (fields: readonly Field[], folded: ReadonlySet<string>, depth = 1, prefix = ''): Line[] =>
  fields.flatMap((field, i) => {
    const path = `${prefix}${i}`
    const line = { field, depth, path }
    if (field.children.length === 0 || folded.has(path)) return [line]
    return [line, ...linesOf(field.children, folded, depth + 1, `${path}.`)]
  })

/** The line of the smallest field that has a byte. */
const lineOfByte = (lines: readonly Line[], byte: number): Line | undefined => {
  let found: Line | undefined
  for (const line of lines) if (line.field.from <= byte && byte < line.field.to) found = line
  return found
}

const DecoderPicker = ({
  endpoint,
  payload,
}: {
  readonly endpoint: EndpointId | null
  readonly payload: DecodedPayload
}) => {
  const { t } = useTranslation()
  const choice = useDecoderChoice(endpoint)
  const nameOf = useDecoderName()
  const name = useEndpoints((state) => (endpoint === null ? undefined : state.names.get(endpoint)))
  const { detected } = payload
  return (
    <div className="decoder-picker">
      <Choice<DecoderChoice>
        label={t('decode.choose')}
        value={choice}
        options={decoderChoices.map((value) => ({
          value,
          text:
            value === 'auto'
              ? t('decode.autoAs', { name: detected === null ? t('decode.name.none') : nameOf(detected) })
              : nameOf(value),
        }))}
        onChange={(next) => chooseDecoder(endpoint, next)}
      />
      {choice === 'auto' || name === undefined ? null : (
        <span className="dim">{t('decode.remembered', { endpoint: name })}</span>
      )}
    </div>
  )
}

const bounds = { 'too-deep': decodeBounds.depth, 'too-many': decodeBounds.fields, 'too-long': decodeBounds.bytes }

const Problem = ({ payload }: { readonly payload: DecodedPayload }) => {
  const { t } = useTranslation()
  const problem = payload.decoded?.problem ?? null
  if (problem === null) return null
  const most = formatCount(problem.code in bounds ? bounds[problem.code as keyof typeof bounds] : 0)
  return (
    <p className="inspector-note">
      {t('decode.problemAt', { at: problem.at, problem: t(`decode.problem.${problem.code}`, { most }) })}
    </p>
  )
}

export interface DecodedViewProps {
  readonly payload: DecodedPayload
  readonly endpoint: EndpointId | null
  /** The byte that is pointed at in the dump; null for none. */
  readonly byte: number | null
  /** The bytes of the field that is pointed at here, or null. */
  readonly onLink: (bytes: { readonly from: number; readonly to: number } | null) => void
}

export const DecodedView = ({ payload, endpoint, byte, onLink }: DecodedViewProps) => {
  const { t } = useTranslation()
  const [folded, setFolded] = useState<ReadonlySet<string>>(new Set())
  const [shown, setShown] = useState(linesShown)
  const [current, setCurrent] = useState<string | null>(null)
  const tree = useRef<HTMLDivElement>(null)
  const { decoded } = payload
  // Another payload begins unfolded.
  const [of, setOf] = useState(decoded)
  if (of !== decoded) {
    setOf(decoded)
    setFolded(new Set())
    setShown(linesShown)
    setCurrent(null)
  }
  const lines = useMemo(() => (decoded === null ? [] : linesOf(decoded.fields, folded)), [decoded, folded])
  const atByte = byte === null ? undefined : lineOfByte(lines, byte)
  const active = atByte?.path ?? current
  const visible = lines.slice(0, shown)

  const byteLine = atByte?.path
  useEffect(() => {
    if (byteLine !== undefined)
      tree.current?.querySelector(`[data-path="${byteLine}"]`)?.scrollIntoView({ block: 'nearest' })
  }, [byteLine])

  const choose = (line: Line | undefined) => {
    if (line === undefined) return
    setCurrent(line.path)
    onLink(line.field)
    tree.current?.querySelector<HTMLElement>(`[data-path="${line.path}"]`)?.scrollIntoView({ block: 'nearest' })
  }
  const fold = (path: string, fold: boolean) => {
    const next = new Set(folded)
    if (fold) next.add(path)
    else next.delete(path)
    setFolded(next)
  }

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const index = visible.findIndex((line) => line.path === active)
    const line = visible[index]
    if (event.key === 'ArrowDown') choose(visible[Math.min(visible.length - 1, index + 1)])
    else if (event.key === 'ArrowUp') choose(visible[Math.max(0, index - 1)])
    else if (event.key === 'Home') choose(visible[0])
    else if (event.key === 'End') choose(visible.at(-1))
    else if (event.key === 'ArrowLeft' && line !== undefined) {
      if (line.field.children.length > 0 && !folded.has(line.path)) fold(line.path, true)
      else choose(visible.find((each) => each.path === line.path.slice(0, line.path.lastIndexOf('.'))))
    } else if (event.key === 'ArrowRight' && line !== undefined) fold(line.path, false)
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <div className="decoded">
      <DecoderPicker endpoint={endpoint} payload={payload} />
      {lines.length === 0 ? (
        <p className="inspector-note">{payload.as === null ? t('decode.none') : null}</p>
      ) : (
        <div
          ref={tree}
          className="decoded-tree data selectable"
          role="tree"
          aria-label={t('decode.decoded')}
          tabIndex={0}
          aria-activedescendant={active === null ? undefined : `field-${active}`}
          onKeyDown={onKeyDown}
          onPointerLeave={() => onLink(null)}
        >
          {visible.map((line) => (
            <TreeLine
              key={line.path}
              line={line}
              folded={folded.has(line.path)}
              selected={line.path === active}
              onFold={(next) => fold(line.path, next)}
              onPoint={() => onLink(line.field)}
              onChoose={() => choose(line)}
            />
          ))}
        </div>
      )}
      {lines.length > shown ? (
        <p className="inspector-note">
          <button type="button" className="link-button" onClick={() => setShown(shown * 4)}>
            {t('decode.more', { number: formatCount(lines.length - shown) })}
          </button>
        </p>
      ) : null}
      <Problem payload={payload} />
    </div>
  )
}

interface TreeLineProps {
  readonly line: Line
  readonly folded: boolean
  readonly selected: boolean
  readonly onFold: (fold: boolean) => void
  readonly onPoint: () => void
  readonly onChoose: () => void
}

const TreeLine = ({ line, folded, selected, onFold, onPoint, onChoose }: TreeLineProps) => {
  const { field, depth, path } = line
  const parent = field.children.length > 0
  return (
    // The tree takes the keys: it names the active line.
    <div
      id={`field-${path}`}
      data-path={path}
      className="decoded-line"
      role="treeitem"
      tabIndex={-1}
      aria-level={depth}
      aria-selected={selected}
      aria-expanded={parent ? !folded : undefined}
      style={{ paddingLeft: (depth - 1) * 12 }}
      onPointerEnter={onPoint}
      onClick={(event) => {
        event.stopPropagation()
        onChoose()
      }}
      onKeyDown={() => undefined}
      onDoubleClick={() => {
        if (parent) onFold(!folded)
      }}
    >
      <button
        type="button"
        className="decoded-fold"
        tabIndex={-1}
        aria-hidden="true"
        onClick={() => {
          if (parent) onFold(!folded)
        }}
      >
        {parent ? folded ? <ChevronRight size={12} /> : <ChevronDown size={12} /> : null}
      </button>
      {field.name === '' ? null : <span className="decoded-name">{field.name}</span>}
      <span className={`decoded-value ${field.type}`}>{field.value}</span>
    </div>
  )
}
