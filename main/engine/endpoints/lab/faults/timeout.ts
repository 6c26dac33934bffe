// Timeout: no byte gets through, and the pair is closed after a while, or when the fault is taken away. toxiproxy's `timeout`,
// but that its time begins with the fault and not anew with each chunk, as its README says it.
import type { FaultAction } from '../../../../../preload/contract/faults.ts'
import { EndingStage } from '../ending.ts'

export class Timeout extends EndingStage<FaultAction & { kind: 'timeout' }> {
  protected readonly how = 'close'
  protected readonly swallows = true

  protected override startsAt(): number {
    return this.context.now()
  }

  protected afterMs(): number | null {
    return this.action.timeoutMs === 0 ? null : this.action.timeoutMs
  }

  /** The streams have a hole now that nobody was told of: they cannot go on. */
  override removed(): void {
    if (this.hasBegun) this.endPair()
  }
}
