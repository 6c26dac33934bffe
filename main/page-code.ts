// What an endpoint that a page describes may do with this machine: run a script, read files into replies. Where pages may be
// somebody else's (`wireloop serve` beyond 127.0.0.1), neither. Counterparts: page-session.ts (asks), lesson-host.ts (the same
// rule for changed lessons).
import type { Commands } from '../preload/contract/api.ts'
import { fail, type Result } from '../preload/contract/failure.ts'
import { parseTemplate } from '../preload/contract/templates.ts'
import type { EndpointSpec } from '../preload/contract/vocabulary.ts'

const onlyHere = 'only where Wireloop listens on this machine alone (127.0.0.1)'

const refusal = (spec: EndpointSpec): Result<never> | null => {
  if (spec.role === 'relay') return null
  if (spec.script !== undefined) return fail('refused', `Scripts are run ${onlyHere}`, 'spec.script')
  const reading = (spec.rules ?? []).findIndex(({ reply, notation }) => {
    const template = parseTemplate(reply, notation)
    return template.ok && template.value.files.length > 0
  })
  return reading < 0 ? null : fail('refused', `Replies read files ${onlyHere}`, `spec.rules.${reading}.reply`)
}

type Taking = 'createEndpoint' | 'startEndpoint' | 'updateEndpoint'
type Handlers = { [K in Taking]: (args: Commands[K]['args']) => Promise<Result<Commands[K]['value']>> }

/** The same commands, which refuse what is said above unless `trusted`. */
export const withoutPagesCode = (asked: Handlers, trusted: boolean): Handlers => {
  const guarded =
    <K extends Taking>(name: K): Handlers[K] =>
    async (args: Commands[K]['args']) =>
      (trusted || args.spec === undefined ? null : refusal(args.spec)) ?? asked[name](args as never)
  return {
    createEndpoint: guarded('createEndpoint'),
    startEndpoint: guarded('startEndpoint'),
    updateEndpoint: guarded('updateEndpoint'),
  }
}
