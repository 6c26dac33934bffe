// How many file descriptors this process may have, and when so few are left that another connection is one too many.
// Counterpart: node-sockets.ts, which asks for every accepted socket.
//
// Without this nobody would hear of it: where there is none left, libuv accepts what waits, closes it and says nothing
// (uv__emfile_trick), so that a peer sees a connection made and ended which the server never had.
import { readFileSync } from 'node:fs'

/** The last ones are kept: for the capture's file, for lookups, and to be able to say no. */
export const keptDescriptors = 16

/** The soft limit (ulimit -n), read anew each time since it can be changed from outside; null where the system does not tell. */
const softLimit = (): number | null => {
  try {
    const line = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))
    return line === null ? null : Number(line[1])
  } catch {
    return null
  }
}

export interface DescriptorWatch {
  /** True where a socket with this descriptor is one of the last that there are. Descriptors below 0 are not known. */
  isAmongLast(descriptor: number): boolean
}

export const createDescriptorWatch = (readLimit: () => number | null = softLimit): DescriptorWatch => {
  let limit = readLimit() ?? Number.POSITIVE_INFINITY
  return {
    // A new socket gets the lowest descriptor that is free: all below it are taken.
    isAmongLast(descriptor) {
      if (descriptor < limit - keptDescriptors) return false
      limit = readLimit() ?? Number.POSITIVE_INFINITY
      return descriptor >= limit - keptDescriptors
    },
  }
}
