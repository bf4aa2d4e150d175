<CsoundSynthesizer>
<CsOptions>
; No tables drawn, and of all messages warnings and samples out of range, but no line for each note.
-d -m6
</CsOptions>
<CsInstruments>
; Glasshouse: a pane of glass is struck once, in a table; grains of that sound make a cloud, and the cloud's
; spectrum, slowed and raised by a fifth, hangs over it. It wanders by itself; "wander" at 0 leaves it to you.

sr = 48000
ksmps = 64
nchnls = 2
0dbfs = 1
seed 7

; A channel with hints: name, mode (3: both ways), kind (1 whole steps, 2 linear, 3 exponential), default, lowest, highest;
; then four numbers that only editors use, and a text that says more. The value itself is set beside it.
; Csound 7 calls the opcode chnk and Csound 6 chn_k. Only Csound 7 has the macro M_MAX_VALUE, so it tells the two apart.
#ifdef M_MAX_VALUE
#define KNOB #chnk#
#else
#define KNOB #chn_k#
#end

$KNOB "position", 3, 2, 0.06, 0, 1, 0, 0, 0, 0, {{description="Where in the strike the grains are taken"}}
chnset 0.06, "position"
$KNOB "pitch", 3, 3, 1, 0.25, 4, 0, 0, 0, 0, {{unit=ratio description="Pitch of the grains, 1 as it was struck"}}
chnset 1, "pitch"
$KNOB "density", 3, 3, 30, 1, 300, 0, 0, 0, 0, {{unit=hz description="Grains a second"}}
chnset 30, "density"
$KNOB "grain", 3, 3, 140, 5, 500, 0, 0, 0, 0, {{unit=ms description="How long a grain is"}}
chnset 140, "grain"
$KNOB "scatter", 3, 2, 0.3, 0, 1, 0, 0, 0, 0, {{description="How uneven the grains are in time and place"}}
chnset 0.3, "scatter"
$KNOB "wander", 3, 2, 1, 0, 1, 0, 0, 0, 0, {{description="1 lets the cloud wander by itself, 0 leaves it to you"}}
chnset 1, "wander"
$KNOB "halo", 3, 2, 0.5, 0, 1, 0, 0, 0, 0, {{unit=linear description="How much of the raised spectrum and the room is heard"}}
chnset 0.5, "halo"
$KNOB "gain", 3, 2, 0.8, 0, 1, 0, 0, 0, 0, {{unit=linear description="How loud everything is"}}
chnset 0.8, "gain"

; The strike is about five and a half seconds long.
giLength = 262144
giStrike ftgen 0, 0, giLength, -2, 0

; Add to the strike a partial at ifrequency (Hz), that begins at ilevel and has fallen to ifall of that at the end.
opcode partial, 0, iii
  ifrequency, ilevel, ifall xin
  icycles = round(ifrequency * giLength / sr)
  iwave ftgen 0, 0, giLength, -9, icycles, ilevel, 0
  idecay ftgen 0, 0, giLength, -5, 1, giLength, ifall
  iWave[] tab2array iwave
  iDecay[] tab2array idecay
  iStrike[] tab2array giStrike
  iStrike = iStrike + iWave * iDecay
  copya2ftab iStrike, giStrike
  ftfree iwave, 0
  ftfree idecay, 0
endop

; Strikes the pane: it comes first in the score and is over when it has begun.
instr Strike
  partial 220.0, 0.28, 0.02
  partial 221.3, 0.20, 0.015
  partial 606.5, 0.22, 0.006
  partial 1188.8, 0.18, 0.002
  partial 1190.2, 0.12, 0.002
  partial 1967.0, 0.11, 0.0005
  partial 2931.4, 0.08, 0.0001
  partial 4090.9, 0.05, 0.00002
endin

; Where in the room the grains of a row of 32 appear, from left (0) to right (1): loop start, loop end, places.
giPlaces ftgen 0, 0, 64, -2, 0, 31, 0.5, 0.1, 0.8, 0.35, 0.95, 0.2, 0.65, 0.45, 0.0, 0.75, 0.3, 0.9, 0.55, 0.15, 0.7, 0.4, 1.0, 0.25, 0.6, 0.05, 0.85, 0.5, 0.1, 0.9, 0.3, 0.7, 0.2, 0.95, 0.4, 0.8, 0.0, 0.6
; Each grain swells and fades as a raised cosine.
giWindow ftgen 0, 0, 4096, 20, 2, 1
giCosine ftgen 0, 0, 8193, 9, 1, 1, 90
; Pitches that the cloud settles on: an octave below to an octave and a fifth above.
giRatios ftgen 0, 0, 8, -2, 0.5, 0.75, 1, 1, 1.125, 1.5, 2, 3

gaCloudL init 0
gaCloudR init 0

; A knob, followed smoothly.
opcode turned, k, S
  Sname xin
  xout portk(chnget:k(Sname), 0.1, chnget:i(Sname))
endop

instr Cloud
  kwander turned "wander"
  kwhere rspline 0, 0.25, 0.05, 0.2
  kthick rspline -2, 1.5, 0.1, 0.3
  kpick randomh 0, 7.999, 0.4
  kratio table kpick, giRatios
  kratio = kwander > 0.5 ? kratio : 1

  kposition = turned("position") + kwander * kwhere
  kdensity = limit(turned("density") * powoftwo(kwander * kthick), 0.5, 400)
  kgrain = limit(turned("grain") * powoftwo(-0.5 * kwander * kthick), 2, 800)
  kpitch = turned("pitch") * kratio
  kscatter turned "scatter"
  ; Many grains at once are no louder than a few.
  kamplitude = 2 / sqrt(1 + kdensity * kgrain / 1000)

  anoise rand kscatter * 0.2, 0.5
  aposition = limit(a(kposition) + abs(anoise), 0, 0.95)
  awhole = a(kdensity)
  asilent = 0
  ikey = sr / giLength
  aleft, aright partikkel awhole, kscatter, -1, asilent, 1, giWindow, -1, -1, 0, 0.5, kgrain, kamplitude, -1, \
    kpitch, 0.5, -1, -1, asilent, -1, -1, giCosine, 1, 1, 1, giPlaces, 0, \
    giStrike, giStrike, giStrike, giStrike, -1, aposition, aposition, aposition, aposition, \
    ikey, ikey, ikey, ikey, 500
  gaCloudL += aleft
  gaCloudR += aright
endin

; The cloud's spectrum, averaged over a second and raised by a fifth.
opcode haunt, a, a
  asource xin
  fcloud pvsanal asource, 2048, 512, 2048, 1
  fslow pvsblur fcloud, 1, 1.1
  fhigh pvscale fslow, 1.5
  ahalo pvsynth fhigh
  xout ahalo
endop

instr Out
  khalo turned "halo"
  kgain turned "gain"
  ; One halo for both sides, a little later on the right, costs half of two.
  ahaloL haunt gaCloudL + gaCloudR
  ahaloR delay ahaloL, 0.023
  asendL = gaCloudL * 0.4 + ahaloL * khalo
  asendR = gaCloudR * 0.4 + ahaloR * khalo
  aroomL, aroomR reverbsc asendL, asendR, 0.9, 10000
  aoutL = tanh(dcblock(gaCloudL + (ahaloL + aroomL) * khalo) * kgain) * 0.72
  aoutR = tanh(dcblock(gaCloudR + (ahaloR + aroomR) * khalo) * kgain) * 0.72
  out aoutL, aoutR
  clear gaCloudL, gaCloudR
endin
</CsInstruments>
<CsScore>
i "Strike" 0 0
i "Cloud" 0 z
i "Out" 0 z
</CsScore>
</CsoundSynthesizer>
