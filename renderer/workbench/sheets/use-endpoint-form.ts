// What a sheet's fields hold, and the tries to start what they describe: the first makes an endpoint, every further one
// starts that same endpoint anew. Counterparts: endpoint-sheet.tsx draws it, form.ts and problem.ts know the words.
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { EndpointId, EndpointInfo, EndpointSpec } from '../../../preload/contract/vocabulary.ts'
import { useCommands } from '../../link/link.ts'
import { type Answers, answersOf, areAnswersRight, saying, withAnswers } from '../../replies/answers.ts'
import { keptScripts } from '../../replies/kept-scripts.ts'
import { endpointsStore, useEndpoints } from '../../stores/endpoints.ts'
import { selectionStore } from '../../stores/selection.ts'
import type { SheetRequest } from '../../stores/view.ts'
import {
  type Connectivity,
  connectivityOf,
  errorsIn,
  type SocketErrors,
  withConnectivity,
} from '../../tls/connectivity.ts'
import {
  defaultValues,
  type FieldErrors,
  type FieldName,
  type FormValues,
  specOf,
  uniqueName,
  valuesOf,
} from './form.ts'
import { type Problem, problemOfRefusal, problemOfStart } from './problem.ts'

/** What was asked for and is not known to run or to have failed yet, and what was known before it was asked for. */
interface Trial {
  readonly spec: EndpointSpec
  readonly before: EndpointInfo | undefined
}

/** The fields of a sheet and what became of the last try: typed in, being started, or failed with its reason. */
export const useEndpointForm = (request: SheetRequest, close: () => void) => {
  const { t } = useTranslation()
  const commands = useCommands()
  const { role } = request
  const [values, setValues] = useState<FormValues>(() => {
    const { endpoints } = endpointsStore.getState()
    const held = request.endpoint === null ? undefined : endpoints.get(request.endpoint)
    return held === undefined ? defaultValues(role, endpoints.values()) : valuesOf(held.spec)
  })
  const [connectivity, setConnectivity] = useState<Connectivity>(() => {
    const { endpoints } = endpointsStore.getState()
    return connectivityOf(request.endpoint === null ? undefined : endpoints.get(request.endpoint)?.spec)
  })
  const [answers, setAnswers] = useState<Answers>(() => {
    const { endpoints } = endpointsStore.getState()
    return request.endpoint === null
      ? answersOf(undefined)
      : answersOf(endpoints.get(request.endpoint)?.spec, keptScripts.of(request.endpoint))
  })
  const said = JSON.stringify([values, connectivity, saying(answers)])
  /** What the fields said when the sheet opened, or when an endpoint was last made or started with it. */
  const [known, setKnown] = useState(said)
  const [socketErrors, setSocketErrors] = useState<SocketErrors>({})
  const [errors, setErrors] = useState<FieldErrors>({})
  const [problem, setProblem] = useState<Problem | null>(null)
  /** The endpoint that this sheet is about, once there is one. */
  const [made, setMade] = useState<EndpointId | null>(request.endpoint)
  const [trial, setTrial] = useState<Trial | null>(null)
  const gone = useRef(false)
  const endpoint = useEndpoints((state) => (made === null ? undefined : state.endpoints.get(made)))
  const baseName = {
    listener: t(`sheet.listenerName.${values.reply}`),
    client: t('sheet.clientName'),
    relay: t('sheet.relayName'),
  }[role]
  const autoName = useEndpoints((state) =>
    uniqueName(
      baseName,
      [...state.endpoints.values()].filter((other) => other.id !== made),
    ),
  )

  const set = (field: keyof FormValues, value: string) => {
    setValues((held) => ({ ...held, [field]: value }))
    setErrors(({ [field as FieldName]: _, ...rest }) => rest)
    setProblem((held) => (held?.field === field ? null : held))
  }

  const fail = (failed: Problem) => {
    setTrial(null)
    setProblem(failed)
  }

  const submit = async () => {
    const described = specOf(role, values, autoName, {
      timeoutInvalid: t('sheet.timeoutInvalid'),
      snapInvalid: t('sheet.snapInvalid'),
    })
    setProblem(null)
    if (!described.ok) {
      setErrors(described.errors)
      return
    }
    setErrors({})
    const wrong = errorsIn(role, connectivity)
    setSocketErrors(wrong)
    if (Object.keys(wrong).length > 0) return
    if (!areAnswersRight(answers)) {
      setProblem({ field: null, message: t('replies.wrong'), suggestedPort: null })
      return
    }
    const spec = withAnswers(withConnectivity(described.spec, connectivity), answers)
    const { endpoints } = endpointsStore.getState()
    const held = made === null ? undefined : endpoints.get(made)
    setTrial({ spec, before: held })
    const result =
      held === undefined
        ? await commands.createEndpoint({ spec })
        : await commands.startEndpoint({ endpoint: held.id, spec })
    if (result.ok) {
      endpointsStore.getState().takeEndpoint(result.value)
      keptScripts.keep(result.value.id, answers.script)
      setKnown(said)
    }
    // The person has closed the sheet meanwhile: what was started goes on, and stands in the side bar.
    if (gone.current) return
    if (!result.ok) {
      fail(problemOfRefusal(result.failure))
      return
    }
    setMade(result.value.id)
    settle(result.value, spec)
  }

  /** Closes where the endpoint runs, says why where it failed, and waits on where it is still starting. */
  const settle = (now: EndpointInfo, spec: EndpointSpec) => {
    // One that waits to try again by itself needs no sheet for that.
    if (now.state === 'starting' && now.reconnecting === undefined) return
    if (now.state === 'failed' && now.reason !== null) {
      fail(problemOfStart(t, now.reason, spec, now.id, endpointsStore.getState().endpoints.values()))
      return
    }
    selectionStore.getState().selectEndpoint(now.id)
    close()
  }

  useEffect(() => {
    gone.current = false
    return () => {
      gone.current = true
    }
  }, [])

  // A client that connects tells how it went by its state, later than the command's answer. The state from before the
  // try says nothing about the try.
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is said now is about the state, not about the words.
  useEffect(() => {
    if (trial !== null && endpoint !== undefined && endpoint !== trial.before) settle(endpoint, trial.spec)
  }, [endpoint, trial])

  return {
    values,
    set,
    answers,
    setAnswers,
    connectivity,
    setConnectivity,
    socketErrors,
    errors,
    problem,
    submit,
    pending: trial !== null,
    /** All that the fields say, to be compared. */
    said,
    /** Closing would lose something. */
    dirty: said !== known,
    autoName,
    tried: made !== null && request.endpoint === null,
  }
}
