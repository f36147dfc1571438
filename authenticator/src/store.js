// The IndexedDB of this installation: accounts with their keys, counters, settings.

/**
 * As JSON (WebAuthn Level 3).
 * @typedef {{ challenge: string, rp: { id?: string, name: string }, pubKeyCredParams: { type: "public-key", alg: number }[],
 *   user: { id: string, name: string, displayName: string },
 *   excludeCredentials?: import("./challenge.js").CredentialDescriptor[], extensions?: unknown, hints?: unknown }} CreationOptions
 */
/**
 * @typedef {{ issuer: string, display_name: string, account: string, nonce: string, vapid_public_key: string,
 *   vapid_kid: string, webauthn: CreationOptions | null, expires_at: number,
 *   enrollment: string, server_time: number,
 *   policy: { user_verification: "required" | "preferred" | "off", number_digits: number, totp: boolean } }} Offer
 */
/**
 * An account, from the moment its key exists.
 * `claiming` → `claimed` → `completing` → `confirming` → `active`.
 * @typedef {{
 *   kid: string, jwk: import("./jws.js").Jwk, privateKey: CryptoKey, createdAt: number,
 *   stage: "claiming" | "claimed" | "completing" | "confirming" | "active",
 *   credential?: { enrollment: string, secret: string } | { code: string },
 *   offer?: Offer, completion?: string, deviceId?: string, confirmationCode?: string, confirmBy?: number,
 *   totp?: import("./totp.js").Totp, transport?: "webpush" | "none", transportReason?: string | null, name?: string, clockOffset?: number,
 *   persisted?: boolean, keyMadeAt?: number, next?: NextKey, workspace?: string }} Account
 */
/**
 * A new key that the server may already have accepted; stored beside the old one until the server confirms it.
 * @typedef {{ kid: string, jwk: import("./jws.js").Jwk, privateKey: CryptoKey, jws: string, madeAt: number }} NextKey
 */

/** @type {Promise<IDBDatabase> | undefined} */
let opened;

function database() {
  opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open("countersign", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("accounts", { keyPath: "kid" });
      request.result.createObjectStore("counters");
      request.result.createObjectStore("settings");
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
  opened.catch(() => (opened = undefined));
  return opened;
}

/**
 * Runs `work` in one transaction and waits until it has committed.
 * @template T
 * @param {string[]} stores
 * @param {IDBTransactionMode} mode
 * @param {(transaction: IDBTransaction) => IDBRequest<T>} work
 * @returns {Promise<T>}
 */
async function transact(stores, mode, work) {
  const transaction = (await database()).transaction(stores, mode);
  return new Promise((resolve, reject) => {
    const request = work(transaction);
    transaction.oncomplete = () => resolve(request.result);
    transaction.onerror = transaction.onabort = () => reject(transaction.error);
  });
}

/** @returns {Promise<Account[]>} oldest first */
export async function accounts() {
  const all = await transact(["accounts"], "readonly", (t) => t.objectStore("accounts").getAll());
  return all.sort((a, b) => a.createdAt - b.createdAt);
}

/** @param {Account} account @returns {Promise<Account>} */
export async function saveAccount(account) {
  await transact(["accounts"], "readwrite", (t) => t.objectStore("accounts").put(account));
  return account;
}

/**
 * Changes the stored account, and keeps changes of other pages and the worker. Writes nothing if the account was
 * forgotten or has another key.
 * @param {string} kid
 * @param {(stored: Account) => Partial<Account>} change
 * @returns {Promise<Account | null>} the changed account
 */
export async function changeAccount(kid, change) {
  /** @type {Account | null} */
  let changed = null;
  await transact(["accounts"], "readwrite", (t) => {
    const accounts = t.objectStore("accounts");
    const read = accounts.get(kid);
    read.onsuccess = () => {
      if (!read.result) return;
      changed = { ...read.result, ...change(read.result) };
      accounts.put(changed);
    };
    return read;
  });
  return changed;
}

/** Deletes the next key after the server refused it. @param {string} kid */
export async function dropNextKey(kid) {
  await transact(["accounts"], "readwrite", (t) => {
    const accounts = t.objectStore("accounts");
    const read = accounts.get(kid);
    read.onsuccess = () => {
      if (!read.result) return;
      const { next: _, ...rest } = read.result;
      accounts.put(rest);
    };
    return read;
  });
}

/**
 * Makes the confirmed next key the account's key, and moves its counter and selection, in one transaction.
 * @param {string} kid of the old key
 */
export async function adoptNextKey(kid) {
  await transact(["accounts", "counters", "settings"], "readwrite", (t) => {
    const [accounts, counters, settings] = /** @type {[IDBObjectStore, IDBObjectStore, IDBObjectStore]} */ (
      ["accounts", "counters", "settings"].map((name) => t.objectStore(name)));
    const read = accounts.get(kid);
    read.onsuccess = () => {
      if (!read.result?.next) return;
      const { next, ...rest } = /** @type {Account & { next: NextKey }} */ (read.result);
      accounts.delete(kid);
      accounts.put({ ...rest, kid: next.kid, jwk: next.jwk, privateKey: next.privateKey, keyMadeAt: next.madeAt });
      const counted = counters.get(kid);
      counted.onsuccess = () => {
        counters.put(counted.result ?? 0, next.kid);
        counters.delete(kid);
      };
      const selected = settings.get("selected");
      selected.onsuccess = () => selected.result === kid && settings.put(next.kid, "selected");
    };
    return read;
  });
}

/** Forgets an account and its key. @param {string} kid */
export async function forgetAccount(kid) {
  await transact(["accounts", "counters"], "readwrite", (t) => {
    t.objectStore("counters").delete(kid);
    return t.objectStore("accounts").delete(kid);
  });
}

/**
 * Takes the next counter of a key in one transaction, so that page and worker never use the same value.
 * @param {string} kid
 * @returns {Promise<number>}
 */
export async function takeCounter(kid) {
  let taken = 0;
  await transact(["counters"], "readwrite", (t) => {
    const counters = t.objectStore("counters");
    const read = counters.get(kid);
    read.onsuccess = () => {
      taken = (read.result ?? 0) + 1;
      counters.put(taken, kid);
    };
    return read;
  });
  return taken;
}

/** @param {string} name @returns {Promise<any>} */
export const setting = (name) => transact(["settings"], "readonly", (t) => t.objectStore("settings").get(name));

/** @param {string} name @param {unknown} value */
export const saveSetting = (name, value) =>
  transact(["settings"], "readwrite", (t) => t.objectStore("settings").put(value, name));
