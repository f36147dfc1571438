// Waiting, but not forever.

/**
 * @template T
 * @param {Promise<T>} promise
 * @param {number} milliseconds
 * @param {T} otherwise what it is when it does not come in time
 * @returns {Promise<T>}
 */
export function within(promise, milliseconds, otherwise) {
  return Promise.race([promise, new Promise((resolve) => setTimeout(resolve, milliseconds, otherwise))]);
}
