/** Two soft tones, made by the browser: no sound file, and silence where audio is not allowed. */

const TONES_HZ = [660, 880] as const;
const TONE_S = 0.16;
const LOUDNESS = 0.08;

let context: AudioContext | null = null;

export function chime(): void {
  try {
    context ??= new AudioContext();
    if (context.state === 'suspended') void context.resume();
    TONES_HZ.forEach((hertz, place) => tone(context!, hertz, context!.currentTime + place * TONE_S));
  } catch {
    return;
  }
}

function tone(audio: AudioContext, hertz: number, startS: number): void {
  const oscillator = audio.createOscillator();
  const gain = audio.createGain();
  oscillator.frequency.value = hertz;
  gain.gain.setValueAtTime(0, startS);
  gain.gain.linearRampToValueAtTime(LOUDNESS, startS + 0.02);
  gain.gain.linearRampToValueAtTime(0, startS + TONE_S);
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start(startS);
  oscillator.stop(startS + TONE_S);
}
