// What a lesson gets by `import … from 'wireloop'`: the loop core, under one name. Counterparts: ../loop; modules.ts, which
// puts a loop that records in the place of EventLoop. tsconfig.node.json points the name here for type checking.
export { CancelledError, RuntimeError } from '../loop/errors.ts'
export { EventLoop } from '../loop/event-loop.ts'
export { type Executor, ThreadPoolExecutor } from '../loop/executor.ts'
export { Future } from '../loop/future.ts'
export { BaseProtocol, type Protocol } from '../loop/protocol.ts'
export type { Server } from '../loop/server.ts'
export { openConnection, type StreamReader, type StreamWriter, startServer } from '../loop/streams.ts'
export { type Coroutine, Task } from '../loop/task.ts'
export type { Transport } from '../loop/transport.ts'
