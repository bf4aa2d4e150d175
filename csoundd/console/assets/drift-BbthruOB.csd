<CsoundSynthesizer>
<CsOptions>
; No tables drawn, and of all messages warnings and samples out of range, but no line for each note.
-d -m6
</CsOptions>
<CsInstruments>
; Drift: a piece that goes on for ever. Each layer is one note that, when it begins, decides what follows it
; and when, and schedules it: there is no score, only three first notes. Try "pace" at 4 with "tide" at 0, or
; "bells" at 0 and "wind" at 1. The levels are heard at once, "pace" and "wander" from the next note on.

sr = 48000
ksmps = 64
nchnls = 2
0dbfs = 1

; A channel with hints: name, mode (3: both ways), kind (1 whole steps, 2 linear, 3 exponential), default, lowest, highest;
; then four numbers that only editors use, and a text that says more. The value itself is set beside it.
; Csound 7 calls the opcode chnk and Csound 6 chn_k. Only Csound 7 has the macro M_MAX_VALUE, so it tells the two apart.
#ifdef M_MAX_VALUE
#define KNOB #chnk#
#else
#define KNOB #chn_k#
#end

$KNOB "pace", 3, 3, 1, 0.25, 4, 0, 0, 0, 0, {{unit=ratio description="How fast notes follow one another, 1 as it is"}}
chnset 1, "pace"
$KNOB "wander", 3, 1, 3, 1, 6, 0, 0, 0, 0, {{unit=steps description="How far a bell may walk in one step"}}
chnset 3, "wander"
$KNOB "bells", 3, 2, 0.7, 0, 1, 0, 0, 0, 0, {{unit=linear description="Level of the bells"}}
chnset 0.7, "bells"
$KNOB "tide", 3, 2, 0.7, 0, 1, 0, 0, 0, 0, {{unit=linear description="Level of the slow chords"}}
chnset 0.7, "tide"
$KNOB "wind", 3, 2, 0.5, 0, 1, 0, 0, 0, 0, {{unit=linear description="Level of the wind"}}
chnset 0.5, "wind"
$KNOB "bright", 3, 3, 1, 0.25, 4, 0, 0, 0, 0, {{unit=ratio description="Opens or closes the filters of the chords, 1 as they are"}}
chnset 1, "bright"
$KNOB "room", 3, 2, 0.5, 0, 1, 0, 0, 0, 0, {{unit=linear description="How much of the room is heard"}}
chnset 0.5, "room"
$KNOB "gain", 3, 2, 0.7, 0, 1, 0, 0, 0, 0, {{unit=linear description="How loud everything is"}}
chnset 0.7, "gain"

; A fixed seed makes every run the same; with seed 0 no two are.
seed 1927

; Four scales of seven steps, in semitones over the root: Dorian, Lydian, Mixolydian, natural minor.
giScales ftgen 0, 0, 32, -2, 0, 2, 3, 5, 7, 9, 10, 0, 2, 4, 6, 7, 9, 11, 0, 2, 4, 5, 7, 9, 10, 0, 2, 3, 5, 7, 8, 10
; From each of them a step to a root that shares most of its notes.
giMoves ftgen 0, 0, 4, -2, 5, -7, 2, -3
giSoft ftgen 0, 0, 8192, 10, 1, 0.3, 0.15, 0.05, 0.06, 0.02, 0.02
giSine ftgen 0, 0, 8192, 10, 1

giScale init 0
giRoot init 50

gaDryL init 0
gaDryR init 0
gaRoomL init 0
gaRoomR init 0

; A knob, followed smoothly so that nothing clicks.
opcode turned, k, S
  Sname xin
  xout portk(chnget:k(Sname), 0.1, chnget:i(Sname))
endop

; The key of a step of the scale that is sounding; steps go on above and below the octave.
opcode keyOf, i, i
  istep xin
  ioctave = floor(istep / 7)
  iwithin = istep - 7 * ioctave
  ioffset table giScale * 7 + iwithin, giScales
  xout giRoot + 12 * ioctave + ioffset
endop

; A place between left (0) and right (1), and how much of it goes to the room.
opcode place, 0, aii
  asignal, iside, iroom xin
  aleft, aright pan2 asignal, iside
  gaRoomL += aleft * iroom
  gaRoomR += aright * iroom
  gaDryL += aleft * (1 - iroom)
  gaDryR += aright * (1 - iroom)
endop

; A slow chord: the step p4 and two above it, each drifting in pitch and place on its own; it swells for p5 seconds.
instr Tide
  istep = p4
  kswell = linseg:k(0, p5, 1, p3 * 0.6 - p5, 1, p3 * 0.4, 0) * turned("tide") * 1.4
  kopen turned "bright"
  kdrift1 rspline -4, 4, 0.1, 0.4
  kdrift2 rspline -4, 4, 0.1, 0.4
  kdrift3 rspline -4, 4, 0.1, 0.4
  a1 poscil 0.12 * kswell, cpsmidinn(keyOf(istep)) * cent(kdrift1), giSoft
  a2 poscil 0.08 * kswell, cpsmidinn(keyOf(istep + 4)) * cent(kdrift2), giSoft
  a3 poscil 0.08 * kswell, cpsmidinn(keyOf(istep + 9)) * cent(kdrift3), giSoft
  kbright = rspline:k(300, 1800, 0.05, 0.2) * kopen
  alow tone a1 + a2 * 0.5, kbright
  ahigh tone a3 + a2 * 0.5, kbright
  place alow, 0.15, 0.5
  place ahigh, 0.85, 0.5

  ; One time in four the tide turns to another scale on another root, within an octave of where it began.
  if random:i(0, 1) < 0.25 then
    imove table giScale, giMoves
    giRoot = 45 + (giRoot + imove - 45 + 12) % 12
    giScale = int(random:i(0, 3.999))
  endif
  inext = int(random:i(-3, 4.999))
  ilength = random:i(11, 19)
  schedule "Tide", p3 * random:i(0.5, 0.65) / chnget:i("pace"), ilength, inext, ilength * 0.4
endin

; A bell that walks: each stays or moves by a step or two, and turns back at the edges of its range.
instr Bell
  istep = p4
  iloud random 0.05, 0.18
  kfall expon iloud, p3, 0.0002
  kindex expon random:i(1.5, 4), p3, 0.1
  abell foscil kfall * turned("bells") * 1.4, cpsmidinn(keyOf(istep)), 1, 3.5 + random:i(-0.01, 0.01), kindex, giSine
  astrike linseg 0, 0.003, 1, 0.05, 1
  place abell * astrike, random:i(0.1, 0.9), 0.4

  ifar = chnget:i("wander") - 0.001
  iwalk = int(random:i(-ifar, ifar))
  inext = istep + iwalk
  inext = inext > 20 ? inext - 7 : (inext < 7 ? inext + 7 : inext)
  ; Mostly a quaver or a few; now and then a silence.
  ipause = 0.23 * int(random:i(1, 5))
  ipause = random:i(0, 1) < 0.12 ? ipause + random:i(2, 6) : ipause
  schedule "Bell", ipause / chnget:i("pace"), random:i(2.5, 6), inext
endin

; Wind: noise in a band that follows the root, in gusts.
instr Wind
  kgust = linseg:k(0, p3 * 0.5, 1, p3 * 0.5, 0) * turned("wind") * 3.5
  knoise rspline 0.6, 1, 0.5, 3
  anoise pinker
  aband butbp anoise * 0.4 * kgust * knoise, cpsmidinn(keyOf(p4)) * (1 + 0.3 * kgust), 90
  place aband, random:i(0, 1), 0.6
  schedule "Wind", p3 * random:i(0.6, 1.8) / chnget:i("pace"), random:i(5, 12), int(random:i(4, 18))
endin

instr Out
  kroom = turned("room") * 2
  kgain turned "gain"
  aleft, aright reverbsc gaRoomL, gaRoomR, 0.93, 8000
  aoutL = tanh((gaDryL + aleft * kroom) * kgain * 2.4) * 0.85
  aoutR = tanh((gaDryR + aright * kroom) * kgain * 2.4) * 0.85
  out aoutL, aoutR
  clear gaDryL, gaDryR, gaRoomL, gaRoomR
endin
</CsInstruments>
<CsScore>
; The first bell and a chord that rises within a second; then it is up to them.
i "Tide" 0 14 0 0.8
i "Bell" 0 5 14
i "Wind" 1 8 9
i "Out" 0 z
</CsScore>
</CsoundSynthesizer>
