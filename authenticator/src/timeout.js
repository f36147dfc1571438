// Limits the time to wait for a promise.

/**
 * @template T
 * @param {Promise<T>} promise
 * @param {number} milliseconds
 * @param {T} otherwise the result after a timeout
 * @returns {Promise<T>}
 */
export function within(promise, milliseconds, otherwise) {
  return Promise.race([promise, new Promise((resolve) => setTimeout(resolve, milliseconds, otherwise))]);
}
