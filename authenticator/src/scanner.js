// Reads QR codes with the camera, by the platform's detector or otherwise the vendored decoder.

/** @typedef {{ detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]> }} Detector */

/** @returns {boolean} */
export const canScan = () => Boolean(navigator.mediaDevices?.getUserMedia);

/** @returns {Promise<(video: HTMLVideoElement) => Promise<string | null>>} */
async function reader() {
  const Platform = Reflect.get(globalThis, "BarcodeDetector");
  if (Platform && (await Platform.getSupportedFormats().catch(() => [])).includes("qr_code")) {
    const detector = /** @type {Detector} */ (new Platform({ formats: ["qr_code"] }));
    return async (video) => (await detector.detect(video))[0]?.rawValue ?? null;
  }
  const { decodeQR } = await import("../vendor/qr/decode.js");
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  return async (video) => {
    const scale = Math.min(1, 640 / video.videoWidth);
    canvas.width = Math.round(video.videoWidth * scale);
    canvas.height = Math.round(video.videoHeight * scale);
    if (!context || canvas.width === 0) return null;
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    try {
      return decodeQR(context.getImageData(0, 0, canvas.width, canvas.height));
    } catch {
      return null; // no code in this frame
    }
  };
}

/**
 * Shows the camera and passes each decoded text to `accept`, until that returns true or the video is removed.
 * @param {HTMLVideoElement} video
 * @param {AbortSignal} life
 * @param {(text: string) => boolean} accept
 */
export async function scan(video, life, accept) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
  try {
    const read = await reader();
    video.srcObject = stream;
    await video.play();
    while (!life.aborted && video.isConnected) {
      const text = await read(video).catch(() => null);
      if (text && !life.aborted && accept(text)) return;
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
  } finally {
    for (const track of stream.getTracks()) track.stop();
  }
}
