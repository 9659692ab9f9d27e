package dev.reflux.jobs.operators;

import dev.reflux.jobs.wire.OutgoingRecord;
import dev.reflux.jobs.wire.WireType;
import org.apache.flink.util.OutputTag;

/** Side outputs of the operators. */
public final class Outputs {

    public static final OutputTag<OutgoingRecord> DEAD_LETTERS = new OutputTag<>("dead-letters", WireType.OUTGOING);
    public static final OutputTag<OutgoingRecord> DECISIONS = new OutputTag<>("decisions", WireType.OUTGOING);
    public static final OutputTag<OutgoingRecord> DRIFT = new OutputTag<>("drift", WireType.OUTGOING);

    private Outputs() {}
}
