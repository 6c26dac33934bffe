// What the relay sheet holds and what becomes of it: addresses and lab as they are edited, saved into a relay that runs
// (from the next chunk on), or into one that is made or started with them. Counterparts: relay-sheet.tsx draws it, chain.ts
// knows the lab, workbench/sheets/form.ts the addresses.
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { checkSpec } from '../../preload/contract/checks.ts'
import { type Flow, flows } from '../../preload/contract/faults.ts'
import type { EndpointId, EndpointInfo, RelaySpec } from '../../preload/contract/vocabulary.ts'
import { useCommands } from '../link/link.ts'
import { type FramingValues, framingOf, framingValues } from '../replies/framing-values.ts'
import { endpointsStore, useEndpoints } from '../stores/endpoints.ts'
import { selectionStore } from '../stores/selection.ts'
import {
  defaultValues,
  type FieldErrors,
  type FieldName,
  type FormValues,
  specOf,
  uniqueName,
  valuesOf,
} from '../workbench/sheets/form.ts'
import { type Problem, problemOfRefusal, problemOfStart } from '../workbench/sheets/problem.ts'
import { draftOf, type FlowDraft, type LabDraft, labOf } from './chain.ts'
import { isLabRight } from './lab-problems.ts'

/** What of a spec the sheet's own fields do not say: it stays as it is, or as another part of the sheet sets it. */
export type OtherFields = Pick<RelaySpec, 'socket' | 'listenTls' | 'upstreamTls'>

const otherFieldsOf = ({ socket, listenTls, upstreamTls }: RelaySpec): OtherFields => ({
  ...(socket === undefined ? {} : { socket }),
  ...(listenTls === undefined ? {} : { listenTls }),
  ...(upstreamTls === undefined ? {} : { upstreamTls }),
})

interface Fields {
  readonly values: FormValues
  readonly other: OtherFields
  /** What a message is, for triggers, replacements and the table of messages. */
  readonly framing: FramingValues
  readonly lab: LabDraft
}

const fieldsOf = (spec: RelaySpec): Fields => ({
  values: valuesOf(spec),
  other: otherFieldsOf(spec),
  framing: framingValues(spec.framing),
  lab: draftOf(spec.lab),
})

/** Two of the same say the same. */
const saying = ({ values, other, framing, lab }: Fields): string =>
  JSON.stringify([values, other, framing, labOf(lab) ?? null])

/** Where a relay listens and goes, and how: what holds only from its next start on. */
const placesOf = ({ values, other }: Fields): string =>
  JSON.stringify([
    values.host,
    values.port,
    values.upstreamHost,
    values.upstreamPort,
    other.listenTls ?? null,
    other.upstreamTls ?? null,
  ])

/** What the sheet is about: none yet, one that takes changes while it runs, or one that is started with them. */
export type Standing = 'fresh' | 'running' | 'resting' | 'gone'

const standingOf = (made: EndpointId | null, endpoint: EndpointInfo | undefined): Standing => {
  if (made === null) return 'fresh'
  if (endpoint === undefined) return 'gone'
  return endpoint.state === 'stopped' || endpoint.state === 'failed' ? 'resting' : 'running'
}

/** True where a relay was given another port than it listens on, and has not been started since. */
const isBoundElsewhere = (endpoint: EndpointInfo | undefined): boolean =>
  endpoint !== undefined &&
  endpoint.local !== null &&
  endpoint.spec.port !== 0 &&
  endpoint.spec.port !== endpoint.local.port

/** Resolves when the endpoint has come to rest, or is gone. */
const atRest = (id: EndpointId): Promise<void> =>
  new Promise((resolve) => {
    const isAtRest = () => standingOf(id, endpointsStore.getState().endpoints.get(id)) !== 'running'
    if (isAtRest()) {
      resolve()
      return
    }
    const stop = endpointsStore.subscribe(() => {
      if (!isAtRest()) return
      stop()
      resolve()
    })
  })

export const useRelayForm = (requested: EndpointId | null, close: () => void) => {
  const { t } = useTranslation()
  const commands = useCommands()
  const [made, setMade] = useState<EndpointId | null>(requested)
  const endpoint = useEndpoints((state) => (made === null ? undefined : state.endpoints.get(made)))
  const [fields, setFields] = useState<Fields>(() => {
    const { endpoints } = endpointsStore.getState()
    const held = requested === null ? undefined : endpoints.get(requested)
    return held?.spec.role === 'relay'
      ? fieldsOf(held.spec)
      : {
          values: defaultValues('relay', endpoints.values()),
          other: {},
          framing: framingValues(undefined),
          lab: draftOf(undefined),
        }
  })
  /** What was last known to be the relay's own. */
  const [base, setBase] = useState(fields)
  /** Where it listens and goes since it was started; what is saved meanwhile holds from the next start on. */
  const [placesNow, setPlacesNow] = useState(() => (isBoundElsewhere(endpoint) ? '' : placesOf(fields)))
  const [errors, setErrors] = useState<FieldErrors>({})
  const [problem, setProblem] = useState<Problem | null>(null)
  const [pending, setPending] = useState<'save' | 'start' | 'restart' | null>(null)
  const [saved, setSaved] = useState(false)
  const gone = useRef(false)
  const standing = standingOf(made, endpoint)
  const said = saying(fields)
  const dirty = said !== saying(base)
  const movedPlaces = standing === 'running' && placesOf(fields) !== placesNow
  const autoName = useEndpoints((state) =>
    uniqueName(
      t('sheet.relayName'),
      [...state.endpoints.values()].filter((other) => other.id !== made),
    ),
  )

  useEffect(() => {
    gone.current = false
    return () => {
      gone.current = true
    }
  }, [])

  // Changed elsewhere (a command line, the control API) while nothing is typed here: the sheet follows.
  const ownSpec = endpoint?.spec.role === 'relay' ? endpoint.spec : undefined
  const told = ownSpec === undefined ? '' : saying(fieldsOf(ownSpec))
  // biome-ignore lint/correctness/useExhaustiveDependencies: only what the relay itself says is followed.
  useEffect(() => {
    if (ownSpec === undefined || dirty || pending !== null || told === saying(base)) return
    const now = fieldsOf(ownSpec)
    setFields(now)
    setBase(now)
  }, [told])

  const change = (next: (held: Fields) => Fields) => {
    setFields(next)
    setSaved(false)
  }
  const set = (field: FieldName, value: string) => {
    change((held) => ({ ...held, values: { ...held.values, [field]: value } }))
    setErrors(({ [field]: _, ...rest }) => rest)
    setProblem((held) => (held?.field === field ? null : held))
  }
  const setFlow = (flow: Flow, next: (held: FlowDraft) => FlowDraft) =>
    change((held) => ({ ...held, lab: { ...held.lab, [flow]: next(held.lab[flow]) } }))
  const setOther = (next: OtherFields) => change((held) => ({ ...held, other: next }))
  const setFraming = (framing: FramingValues) => change((held) => ({ ...held, framing }))

  /** The spec that the fields describe; null where something in them is wrong, which is then marked. */
  const describe = (): RelaySpec | null => {
    setProblem(null)
    const own = specOf('relay', fields.values, autoName, {
      timeoutInvalid: t('sheet.timeoutInvalid'),
      snapInvalid: t('sheet.snapInvalid'),
    })
    setErrors(own.ok ? {} : own.errors)
    if (!own.ok || own.spec.role !== 'relay') return null
    if (!flows.every((flow) => isLabRight(fields.lab[flow]))) return null
    const lab = labOf(fields.lab)
    const framing = framingOf(fields.framing)
    if (!framing.ok) return null
    const spec: RelaySpec = {
      ...own.spec,
      ...fields.other,
      ...(framing.value.kind === 'raw' ? {} : { framing: framing.value }),
      ...(lab === undefined ? {} : { lab }),
    }
    const checked = checkSpec(spec)
    if (checked.ok) return spec
    setProblem(problemOfRefusal(checked.failure))
    return null
  }

  const take = (info: EndpointInfo) => {
    endpointsStore.getState().takeEndpoint(info)
    if (gone.current) return
    setMade(info.id)
    if (info.spec.role !== 'relay') return
    const now = fieldsOf(info.spec)
    setBase(now)
    // As the relay has it, not as it was typed; the cards keep their keys. What was typed since it was sent stays.
    setFields((held) => (held === fields ? { ...now, lab: held.lab } : held))
  }
  const failed = (info: EndpointInfo, spec: RelaySpec): boolean => {
    if (info.state !== 'failed' || info.reason === null) return false
    setProblem(problemOfStart(t, info.reason, spec, info.id, endpointsStore.getState().endpoints.values()))
    return true
  }

  const save = async (spec: RelaySpec, id: EndpointId): Promise<boolean> => {
    const result = await commands.updateEndpoint({ endpoint: id, spec })
    if (gone.current) return result.ok
    if (result.ok) {
      take(result.value)
      setSaved(true)
    } else setProblem(problemOfRefusal(result.failure))
    return result.ok
  }

  const start = async (spec: RelaySpec, id: EndpointId | null) => {
    const result =
      id === null ? await commands.createEndpoint({ spec }) : await commands.startEndpoint({ endpoint: id, spec })
    if (result.ok) take(result.value)
    if (gone.current) return
    if (!result.ok) setProblem(problemOfRefusal(result.failure))
    else if (!failed(result.value, spec)) {
      selectionStore.getState().selectEndpoint(result.value.id)
      close()
    }
  }

  const restart = async (spec: RelaySpec, id: EndpointId) => {
    const stopped = await commands.stopEndpoint({ endpoint: id })
    if (!stopped.ok) {
      setProblem(problemOfRefusal(stopped.failure))
      return
    }
    await atRest(id)
    const started = await commands.startEndpoint({ endpoint: id, spec })
    if (gone.current) return
    if (!started.ok) setProblem(problemOfRefusal(started.failure))
    else {
      take(started.value)
      setPlacesNow(placesOf(fields))
      if (!failed(started.value, spec)) setSaved(true)
    }
  }

  /** `how`: what a running relay is to do with what is saved. */
  const submit = async (how: 'save' | 'restart') => {
    if (pending !== null || standing === 'gone') return
    const spec = describe()
    if (spec === null) return
    const running = standing === 'running' && made !== null
    setPending(running ? how : 'start')
    if (!running) await start(spec, made)
    else if (how === 'save') await save(spec, made)
    else await restart(spec, made)
    if (!gone.current) setPending(null)
  }

  return {
    ...fields,
    set,
    setFlow,
    setOther,
    setFraming,
    errors,
    problem,
    submit,
    pending,
    saved: saved && !dirty,
    dirty,
    /** All that the fields say, to be compared. */
    said,
    movedPlaces,
    standing,
    endpoint,
    made,
    autoName,
    /** Made here, and could not be started. */
    tried: made !== null && requested === null,
  }
}
export type RelayForm = ReturnType<typeof useRelayForm>
