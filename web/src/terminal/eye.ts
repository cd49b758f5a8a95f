/** The camera, which looks for cards for as long as a screen asks for one. */
import { decode } from "../scan.ts";

/** How often its picture is looked at, in milliseconds, and the longest edge that is. */
const LOOK_EVERY = 200;
const EDGE = 900;

/** Looks until `stop`; tells each text that it reads, and "" for a look that found none. False without a camera. */
export class Eye {
  private stream: MediaStream | undefined;
  private timer: ReturnType<typeof setInterval> | undefined;
  private ended = false;

  async start(video: HTMLVideoElement, facing: "user" | "environment", seen: (text: string) => void): Promise<boolean> {
    const wanted = { video: { facingMode: facing, width: { ideal: 1280 } }, audio: false };
    this.stream = await navigator.mediaDevices?.getUserMedia(wanted).catch(() => undefined);
    if (this.stream === undefined) return false;
    if (this.ended) {
      this.stop();
      return true;
    }
    Object.assign(video, { srcObject: this.stream, muted: true, playsInline: true });
    await video.play().catch(() => undefined);
    this.timer = setInterval(() => seen(decode(video, video.videoWidth, video.videoHeight, EDGE) ?? ""), LOOK_EVERY);
    return true;
  }

  stop(): void {
    this.ended = true;
    clearInterval(this.timer);
    for (const track of this.stream?.getTracks() ?? []) track.stop();
  }
}
