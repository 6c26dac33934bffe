// Why a start failed, as a sentence that names the fix and stands under the field that it is about. Pure. Counterparts:
// endpoint-sheet.tsx, the engine's failures.
import type { TFunction } from 'i18next'
import { formatAddress } from '../../../preload/contract/checks.ts'
import type { Failure } from '../../../preload/contract/failure.ts'
import type { EndpointId, EndpointInfo, EndpointSpec } from '../../../preload/contract/vocabulary.ts'
import { formatDuration } from '../../ui/format.ts'
import { causeOfCode } from '../causes.ts'
import { type FieldName, fieldNames, freePortFrom, takenPorts } from './form.ts'

export interface Problem {
  /** Null where it is about no field: it then stands above the buttons. */
  readonly field: FieldName | null
  readonly message: string
  /** A port that one click puts into the field. */
  readonly suggestedPort: number | null
}

const plain = (field: FieldName | null, message: string): Problem => ({ field, message, suggestedPort: null })

/** A command that was refused before anything was started: the border's check names the field. */
export const problemOfRefusal = (failure: Failure): Problem => {
  const name = failure.path?.split('.').at(-1)
  return plain(fieldNames.find((field) => field === name) ?? null, failure.message)
}

/** An endpoint that was made and did not start. */
export const problemOfStart = (
  t: TFunction,
  failure: Failure,
  spec: EndpointSpec,
  own: EndpointId | null,
  endpoints: Iterable<EndpointInfo>,
): Problem => {
  const { code } = failure
  const others = [...endpoints].filter((endpoint) => endpoint.id !== own)
  const address = formatAddress(spec)
  switch (causeOfCode(code)) {
    case 'address-in-use': {
      const holder = others.find(
        (endpoint) => endpoint.spec.role !== 'client' && endpoint.local !== null && endpoint.local.port === spec.port,
      )
      const next = freePortFrom(spec.port + 1, takenPorts(others))
      const message =
        holder === undefined
          ? t('sheet.problem.taken', { port: spec.port })
          : t('sheet.problem.takenByUs', {
              port: spec.port,
              role: t(`word.${holder.spec.role}`).toLowerCase(),
              name: holder.spec.name,
            })
      return { field: 'port', message, suggestedPort: next }
    }
    case 'permission-denied':
      return plain('port', t('sheet.problem.notPermitted', { port: spec.port, code }))
    case 'address-not-available':
      return plain('host', t('sheet.problem.noSuchAddress', { host: spec.host, code }))
    case 'refused':
      return plain('port', t('sheet.problem.refused', { address, code }))
    case 'name-not-found':
      return plain('host', t('sheet.problem.nameNotFound', { host: spec.host, code }))
    case 'timed-out':
      return plain(
        'host',
        t('sheet.problem.timedOut', {
          address,
          code,
          timeout: spec.role === 'listener' ? '' : formatDuration(spec.connectTimeoutMs),
        }),
      )
    case 'unreachable':
      return plain('host', t('sheet.problem.unreachable', { host: spec.host, code }))
    default:
      return plain(null, t('sheet.problem.other', { message: failure.message, code }))
  }
}
