"""Opcodes of instrument 0: those that define, those that only compute a value, and those that are known to act."""

from __future__ import annotations

from typing import Final

DEFINING: Final = frozenset(
    """
    init ftgen ftgenonce ftgentmp ftfree ftload ftloadk ftconv ftmorf tableicopy tableigpw tablew tabw_i tabw
    copyf2array copya2ftab vcopy_i vadd_i vmult_i vpow_i vexp_i vmap massign pgmassign ctrlinit initc7 initc14 initc21
    chn_k chn_a chn_S chn_array chnexport chnparams chnset chnseti chnsetk chnseta chnsets chnclear seed strset
    maxalloc prealloc cpuprc ctrlsave setksmps setscorepos zakinit zawm zkwm ziw ziwm zacl zkcl connect alwayson
    subinstrinit sfload sfpreset sfpassign sfinstr fluidEngine fluidLoad fluidProgramSelect fluidSetInterpMethod
    fluidAllOut vbaplsinit dssiinit pyinit jackoinit OSCinit OSCinitM pvsinit pvsbufread pvsbuffer setrow setcol
    fillarray genarray genarray_i slicearray slicearray_i
    """.split()  # noqa: SIM905 - they read better so
)
"""They leave something behind that is the same when they run again."""

VALUES: Final = frozenset(
    """
    abs int frac round floor ceil exp log log10 log2 logbtwo sqrt sin cos tan sininv cosinv taninv taninv2 sinh cosh
    tanh powoftwo pow divz signum min max limit limit1 wrap mirror ntrpol linlin scale scale2 ampdb ampdbfs dbamp
    dbfsamp db cent octave semitone cpsoct octpch cpspch pchoct octcps octmidinn cpsmidinn pchmidinn cpsxpch cps2pch
    pchmidib pchtom mtof ftom mtoc cpstun cpstuni rnd birnd random unirand linrand trirand exprand betarand gauss
    cauchy weibull poisson bexprnd rnd31 duserrnd cuserrnd urd i k a p not qinf qnan ftlen ftsr ftchnls ftlptim ftcps
    nsamp ftexists tb0 tb1 table tablei table3 tab tab_i tableng getrow getcol lenarray minarray maxarray sumarray
    scalearray maparray maparray_i interleave deinterleave linspace sorta sortd trim_i strcat strcpy strcmp strlen
    strsub strchar strindex strrindex strlower strupper strtod strtol sprintf strget nstrnum nstrstr filelen filesr
    filenchnls filebit filepeak filevalid mp3len mp3sr mp3nchnls directory getcfg chnget chngeti chngetk chngeta
    chngets rtclock times timeinsts timek date dates sr kr ksmps nchnls nchnls_i A4 cngoto
    """.split()  # noqa: SIM905 - they read better so
)
"""They compute a value, and do nothing else."""

ACTIONS: Final = frozenset(
    """
    schedule scheduleN schedulek schedwhen schedkwhen schedkwhennamed event event_i scoreline scoreline_i turnon
    turnoff turnoff2 turnoff2_i turnoff3 nstance create play perform rewindscore readscore mute remove readk exitnow
    print prints printf printf_i printk printk2 printks printks2 puts fprints fprintks printarray print_type fout
    fouti foutk foutir fiopen ficlose dumpk ftsave ftsavek ftaudio system system_i compileorc compilestr compilecsd
    evalstr readf readfi hdf5write midiout midiout_i noteon noteoff noteondur noteondur2 outkc outic moscil OSCsend
    OSCsend_lo OSCbundle OSCraw OSCcount socksend stsend serialWrite sensekey return
    """.split()  # noqa: SIM905 - they read better so
)
"""They are known to act. What is in no list acts as well; these tell an opcode's name from a variable's."""
