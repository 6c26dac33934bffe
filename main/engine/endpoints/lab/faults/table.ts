// The faults that act on what passes, by kind. `refuse` and `throttle-accept` act before anything passes: accept-faults.ts.
import type { FaultAction } from '../../../../../preload/contract/faults.ts'
import type { Outlet } from '../piece.ts'
import type { Stage, StageContext } from '../stage.ts'
import { Bandwidth } from './bandwidth.ts'
import { Corrupt } from './corrupt.ts'
import { Drop } from './drop.ts'
import { Latency } from './latency.ts'
import { LimitData } from './limit-data.ts'
import { LimitTime } from './limit-time.ts'
import { ResetPeer } from './reset-peer.ts'
import { Slicer } from './slicer.ts'
import { SlowClose } from './slow-close.ts'
import { Stall } from './stall.ts'
import { Timeout } from './timeout.ts'

/** A fault at work; null for one that acts on accepting. */
export const createStage = (action: FaultAction, context: StageContext, next: Outlet): Stage | null => {
  switch (action.kind) {
    case 'latency':
      return new Latency(action, context, next)
    case 'bandwidth':
      return new Bandwidth(action, context, next)
    case 'slow-close':
      return new SlowClose(action, context, next)
    case 'timeout':
      return new Timeout(action, context, next)
    case 'reset-peer':
      return new ResetPeer(action, context, next)
    case 'slicer':
      return new Slicer(action, context, next)
    case 'limit-data':
      return new LimitData(action, context, next)
    case 'corrupt':
      return new Corrupt(action, context, next)
    case 'drop':
      return new Drop(action, context, next)
    case 'limit-time':
      return new LimitTime(action, context, next)
    case 'stall':
      return new Stall(action, context, next)
    case 'refuse':
    case 'throttle-accept':
      return null
  }
}
