/** The door's camera: it looks on and on, says each code that is held up, and shows whose it was, large. */
import { make, Told } from "../page.ts";
import { camera, LOOK_EVERY, readVideo } from "../scan.ts";
import type { Texts } from "../texts.ts";
import { Sight } from "./codes.ts";

/** What is shown of a code that was held up. */
export interface Shown {
  tone: "good" | "bad" | "twice";
  /** Number and name; "" where it is nobody's here. */
  who: string;
  words: string;
}

/** Starts to look; `seen` says what to show of a text. Gives what ends it. Throws `Told` without a camera. */
export async function look(place: HTMLElement, t: Texts, seen: (text: string) => Shown): Promise<() => void> {
  const stream = await camera();
  if (stream === undefined) throw new Told(t("client-card-camera"));
  const [video, said, stop] = [make("video"), make("p", t("client-door-eye"), "door-seen"), make("button", t("client-door-eye-end"), "button button-quiet")];
  Object.assign(video, { srcObject: stream, muted: true, playsInline: true });
  said.setAttribute("role", "status");
  stop.type = "button";
  place.replaceChildren(video, said, stop);
  place.hidden = false;
  place.scrollIntoView({ block: "start" });
  await video.play();
  const sight = new Sight();
  const timer = setInterval(() => {
    const text = readVideo(video);
    if (text === undefined || !sight.isNew(text, performance.now())) return;
    show(said, seen(text));
  }, LOOK_EVERY);
  const end = (): void => {
    clearInterval(timer);
    for (const track of stream.getTracks()) track.stop();
    place.hidden = true;
    place.replaceChildren();
  };
  stop.onclick = end;
  return end;
}

function show(place: HTMLElement, { tone, who, words }: Shown): void {
  place.dataset["tone"] = tone;
  place.replaceChildren(make("b", who), " ", make("span", words));
  sound(tone === "good");
  navigator.vibrate?.(tone === "good" ? 80 : [120, 80, 120]);
}

let audio: AudioContext | undefined;

/** One high tone for yes, two low ones for anything else: to be heard without looking. */
function sound(good: boolean): void {
  try {
    audio ??= new AudioContext();
    for (const [from, pitch] of good ? [[0, 880]] as const : [[0, 300], [0.2, 300]] as const) {
      const [tone, volume] = [audio.createOscillator(), audio.createGain()];
      tone.frequency.value = pitch;
      volume.gain.value = 0.2;
      tone.connect(volume).connect(audio.destination);
      tone.start(audio.currentTime + from);
      tone.stop(audio.currentTime + from + 0.12);
    }
  } catch {
    // A browser without sound still shows it.
  }
}
