// Limit time: the pair is closed a while after it was made, or after the trigger. Asked of toxiproxy since 2017 (its #195).
import type { FaultAction } from '../../../../../preload/contract/faults.ts'
import { EndingStage } from '../ending.ts'

export class LimitTime extends EndingStage<FaultAction & { kind: 'limit-time' }> {
  protected readonly how = 'close'
  protected readonly swallows = false

  protected afterMs(): number {
    return this.action.afterMs
  }
}
