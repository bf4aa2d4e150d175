<CsoundSynthesizer>
<CsOptions>
; Makes beat.wav, the bar that magpie.csd cuts up:  cd examples/magpie && csound beat.csd
-d -m6 -W -s -o beat.wav
</CsOptions>
<CsInstruments>
; One bar of drums at 160 beats a minute: 1.5 seconds, sixteen slices of 4500 samples. ksmps divides a slice.
sr = 48000
ksmps = 60
nchnls = 1
0dbfs = 1
seed 160

gaDrums init 0

; p4 is how hard it is struck.
instr Kick
  kpitch = expseg:k(210, 0.04, 62, p3, 44)
  gaDrums += poscil:a(p4 * expon:k(1, p3, 0.01), kpitch) + noise:a(expseg:k(0.4 * p4, 0.006, 0.001, p3, 0.001), 0)
endin

; Two modes of the skin, and the wires beneath it.
instr Snare
  kskin = expon:k(1, p3 * 0.6, 0.001)
  kwires = expseg:k(0.9, 0.03, 0.4, p3, 0.001)
  askin = poscil(0.5 * kskin, 190) + poscil(0.3 * kskin, 332)
  gaDrums += p4 * (askin + butterhp(noise:a(kwires, 0), 1800))
endin

; Six squares that fit no harmony are the metal of a cymbal.
instr Hat
  ametal = vco2(0.2, 2060, 10) + vco2(0.2, 3070, 10) + vco2(0.2, 3690, 10) + vco2(0.2, 5220, 10) + vco2(0.2, 5400, 10)
  gaDrums += p4 * butterhp(ametal + noise:a(0.3, 0), 6500) * expon:k(1, p3, 0.001)
endin

; A little driven, as from a worn record.
instr Mix
  out tanh(gaDrums * 1.4) * 0.85
  clear gaDrums
endin
</CsInstruments>
<CsScore>
t 0 640
; Time counts in sixteenths.
i "Mix" 0 16
i "Kick" 0 3 0.9
i "Kick" 2 3 0.8
i "Kick" 10 3 0.9
i "Kick" 11 2 0.5
i "Snare" 4 4 0.9
i "Snare" 7 1.5 0.22
i "Snare" 9 1.5 0.28
i "Snare" 12 3.5 0.9
i "Snare" 15 1 0.25
i "Hat" 0 1 0.5
i "Hat" 2 1 0.6
i "Hat" 4 1 0.4
i "Hat" 6 1 0.6
i "Hat" 8 1 0.5
i "Hat" 10 1 0.6
i "Hat" 12 1 0.4
i "Hat" 13 0.7 0.25
i "Hat" 14 2 0.7
e
</CsScore>
</CsoundSynthesizer>
