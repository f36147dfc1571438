/** The one function of the vendored decoder that the app uses. Throws when the image holds no code. */
export function decodeQR(image: { width: number; height: number; data: Uint8ClampedArray | Uint8Array }): string;
