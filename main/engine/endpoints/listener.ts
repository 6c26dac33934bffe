// A listener: accepts connections and answers. Counterpart: behaviours/answers.ts (what it answers).
import type { Failure, Result } from '../../../preload/contract/failure.ts'
import type { EndpointSpec, EndpointState, EventDetails, ListenerSpec } from '../../../preload/contract/vocabulary.ts'
import { AcceptingEndpoint, type ConnectionProtocol } from './accepting.ts'
import { Answers } from './behaviours/answers.ts'
import { Connection } from './connection.ts'
import { checkRole } from './endpoint.ts'

export class Listener extends AcceptingEndpoint<ListenerSpec> {
  readonly #answers = new Answers(this)

  override get scriptFailed(): EventDetails['script-failed'] | null {
    return this.#answers.scriptFailed
  }

  protected accept(): ConnectionProtocol {
    const connection = new Connection(this, { direction: 'in', side: null })
    this.adopt(connection)
    return this.#answers.protocol(connection, { messages: [this.spec.greeting], halfClose: false })
  }

  override async start(spec?: ListenerSpec): Promise<Result<null>> {
    const role = checkRole(this, spec)
    const answers = role.ok ? this.#answers.check(spec ?? this.spec) : role
    return answers.ok ? super.start(spec) : answers
  }

  override update(spec: EndpointSpec): Result<null> {
    const role = checkRole(this, spec)
    const answers = role.ok ? this.#answers.apply(spec as ListenerSpec) : role
    return answers.ok ? super.update(spec) : answers
  }

  protected override setState(state: EndpointState, reason: Failure | null = null): void {
    if (state === 'starting') this.#answers.start(this.spec)
    else if (state === 'stopped' || state === 'failed') this.#answers.stop()
    super.setState(state, reason)
  }
}
