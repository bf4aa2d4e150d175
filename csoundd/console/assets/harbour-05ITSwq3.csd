<CsoundSynthesizer>
<CsOptions>
; No tables drawn, and of all messages warnings and samples out of range, but no line for each note.
-d -m6
</CsOptions>
<CsInstruments>
; Harbour: sing or play into it, and the water answers: echoes that cross from side to side, and a room in which
; each return is an octave higher. While nothing comes in, a buoy rings and ships call; two seconds after they hear
; you they are silent, and they come back when you have gone.
;
;   csoundd serve --drive device --option -iadc harbour.csd    the microphone of this machine
;   stream.push {topic: "spin", data: …}                       sound from a program or a web page
;
; Keep the loudspeakers away from the microphone, or use headphones: what it hears it plays.

sr = 48000
ksmps = 64
nchnls = 2
nchnls_i = 2
0dbfs = 1
seed 1858

; A channel with hints: name, mode (3: both ways, 2: the piece writes it), kind (1 whole steps, 2 linear, 3 exponential),
; default, lowest, highest; then four numbers that only editors use, and a text that says more. The value itself is set beside it.
; Csound 7 calls the opcode chnk and Csound 6 chn_k. Only Csound 7 has the macro M_MAX_VALUE, so it tells the two apart.
#ifdef M_MAX_VALUE
#define KNOB #chnk#
#else
#define KNOB #chn_k#
#end

$KNOB "input", 3, 3, 1, 0.1, 10, 0, 0, 0, 0, {{unit=ratio description="Makes what comes in louder or softer"}}
chnset 1, "input"
$KNOB "guests", 3, 1, 1, 0, 1, 0, 0, 0, 0, {{description="1 has the buoy and the ships while nothing comes in, 0 is silence"}}
chnset 1, "guests"
$KNOB "time", 3, 2, 0.42, 0.05, 1.5, 0, 0, 0, 0, {{unit=s description="From one echo to the next"}}
chnset 0.42, "time"
$KNOB "echo", 3, 2, 0.55, 0, 0.9, 0, 0, 0, 0, {{unit=linear description="How much of each echo comes back"}}
chnset 0.55, "echo"
$KNOB "shimmer", 3, 2, 0.45, 0, 0.9, 0, 0, 0, 0, {{unit=linear description="How much of the room comes back an octave higher"}}
chnset 0.45, "shimmer"
$KNOB "size", 3, 2, 0.88, 0.5, 0.97, 0, 0, 0, 0, {{description="How slowly the room falls silent"}}
chnset 0.88, "size"
$KNOB "hold", 3, 1, 0, 0, 1, 0, 0, 0, 0, {{description="1 holds the sound of this moment for as long as it is 1"}}
chnset 0, "hold"
$KNOB "dry", 3, 2, 0.7, 0, 1, 0, 0, 0, 0, {{unit=linear description="How much of what comes in is heard itself"}}
chnset 0.7, "dry"
$KNOB "gain", 3, 2, 0.7, 0, 1, 0, 0, 0, 0, {{unit=linear description="How loud everything is"}}
chnset 0.7, "gain"
$KNOB "level", 2, 2, 0, 0, 1, 0, 0, 0, 0, {{unit=linear description="How loud what comes in is: the piece writes this one"}}

gaGuestL init 0
gaGuestR init 0
; 1 while the guests may call.
gkGuests init 1

opcode turned, k, S
  Sname xin
  xout portk(chnget:k(Sname), 0.05, chnget:i(Sname))
endop

; An octave higher: a delay that grows shorter by a second in each second is read at double speed. Before it comes to
; nothing a second one, half a turn behind, has taken over; each is silent while it jumps back.
opcode octaveUp, a, a
  asound xin
  ilength = 0.09
  aphase1 phasor 1 / ilength
  aphase2 phasor 1 / ilength, 0.5
  abuffer delayr ilength + 0.01
  a1 deltap3 (1 - aphase1) * ilength + 0.002
  a2 deltap3 (1 - aphase2) * ilength + 0.002
  delayw asound
  xout a1 * sin($M_PI * aphase1) ^ 2 + a2 * sin($M_PI * aphase2) ^ 2
endop

; The buoy: four partials of a small bell that hangs crooked. p4 is how hard the wave was, p5 its side.
instr Buoy
  kfall = expon:k(p4, p3, 0.001)
  ifrequency = 523 * cent(random:i(-8, 8))
  abell = poscil(0.5 * kfall, ifrequency) + poscil(0.3 * kfall, ifrequency * 1.19)
  abell += poscil(0.25 * kfall * kfall, ifrequency * 2.03) + poscil(0.2 * kfall * kfall, ifrequency * 2.98)
  aleft, aright pan2 abell * linseg:a(0, 0.003, 1, 1, 1), p5
  gaGuestL += aleft
  gaGuestR += aright
endin

; A ship's horn: p4 is its key, p5 its side. Air at first, then the reed, whose pitch sinks when the valve closes.
instr Horn
  kbreath = linseg:k(0, 0.25, 1, p3 - 0.85, 0.9, 0.6, 0)
  ifrequency = cpsmidinn(p4)
  kfrequency = ifrequency * linseg:k(0.97, 0.3, 1, p3 - 0.9, 1, 0.6, 0.96)
  areed = vco2(0.35, kfrequency, 2, 0.3) + vco2(0.2, kfrequency * 1.498, 2, 0.4)
  ; A pulse that is not even has an offset, which nobody hears and every level counts: dcblock takes it away.
  ahorn = tone:a(tone:a(dcblock(areed), 250 + 900 * kbreath * kbreath), 1800) + pinker:a() * 0.06
  aleft, aright pan2 ahorn * kbreath, p5
  gaGuestL += aleft
  gaGuestR += aright
endin

; Who calls, and when; p4 counts the waves. They go on counting while nobody hears them.
instr Wave
  if i(gkGuests) > 0.5 then
    schedule "Buoy", 0, 4, random:i(0.25, 0.5), random:i(0.15, 0.4)
    if random:i(0, 1) < 0.5 then
      schedule "Buoy", random:i(0.25, 0.5), 3, random:i(0.1, 0.3), random:i(0.15, 0.4)
    endif
    if p4 % 4 == 0 then
      schedule "Horn", 0, random:i(2, 3), 45 + 7 * int(random:i(0, 1.999)), random:i(0.6, 0.9)
    elseif p4 % 4 == 2 then
      schedule "Horn", random:i(0, 0.5), random:i(1, 1.8), 48 + 2 * int(random:i(0, 2.999)), random:i(0, 0.3)
    endif
  endif
  schedule "Wave", random:i(1.4, 2.6), 0.01, p4 + 1
endin

instr Out
  kinput turned "input"
  ; Both inputs in the middle, so that a microphone on either of them is heard on both sides.
  a1 inch 1
  a2 inch 2
  ain = (a1 + a2) * kinput * 0.7
  klevel = rms:k(ain)
  chnset klevel, "level"

  ; The guests are silent from the moment that something is heard until three seconds after it.
  ksilence init 3
  ksilence = klevel > 0.003 ? 0 : ksilence + 1 / kr
  gkGuests = (ksilence >= 3 && chnget:k("guests") > 0.5) ? 1 : 0
  kguests = lineto:k(gkGuests, 2)
  asourceL = ain + gaGuestL * kguests
  asourceR = ain + gaGuestR * kguests

  ; Echoes of a tape that runs a little unevenly.
  kecho turned "echo"
  atime = interp:a(portk(chnget:k("time"), 0.3, chnget:i("time")) * 1000) + lfo:a(1.5, 0.4)
  aechoL init 0
  aechoR init 0
  aechoL vdelay3 asourceL + aechoR * kecho, atime, 2000
  aechoR vdelay3 asourceR * 0.5 + tone:a(aechoL, 4000) * kecho, atime, 2000

  ; The room, with its own sound of a moment ago, higher.
  kshimmer turned "shimmer"
  aroomL init 0
  aroomR init 0
  ahigher = octaveUp(butterhp(aroomL + aroomR, 150)) * kshimmer * 0.35
  aroomL, aroomR reverbsc asourceL * 0.4 + aechoL * 0.4 + ahigher, asourceR * 0.4 + aechoR * 0.4 + ahigher, turned:k("size"), 9000

  ; The spectrum stands still while the knob is 1.
  khold = chnget:k("hold") > 0.5 ? 1 : 0
  fmoment pvsanal asourceL + asourceR + aroomL, 2048, 512, 2048, 1
  fheld pvsfreeze fmoment, khold, khold
  aheld = pvsynth(fheld) * lineto:k(khold, 0.3) * 0.5

  kdry turned "dry"
  kgain turned "gain"
  aoutL = tanh((asourceL * kdry + aechoL * kecho + aroomL + aheld) * kgain * 1.05) * 0.85
  aoutR = tanh((asourceR * kdry + aechoR * kecho + aroomR + delay:a(aheld, 0.017)) * kgain * 1.05) * 0.85
  out aoutL, aoutR
  clear gaGuestL, gaGuestR
endin
</CsInstruments>
<CsScore>
i "Wave" 0 0.01 0
i "Out" 0 z
</CsScore>
</CsoundSynthesizer>
