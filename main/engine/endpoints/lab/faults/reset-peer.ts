// Reset peer: both halves are reset, a while after the pair was made or the trigger came. What comes before passes. toxiproxy's
// `reset_peer` lets nothing pass, and counts its time from the first chunk.
import type { FaultAction } from '../../../../../preload/contract/faults.ts'
import { EndingStage } from '../ending.ts'

export class ResetPeer extends EndingStage<FaultAction & { kind: 'reset-peer' }> {
  protected readonly how = 'reset'
  protected readonly swallows = false

  protected afterMs(): number {
    return this.action.timeoutMs
  }
}
