package dev.reflux.checkpoints.gate;

import dev.reflux.checkpoints.Manifest;
import dev.reflux.checkpoints.Manifest.Decision;
import dev.reflux.checkpoints.Manifest.Verification;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides which students are published. Its decisions follow from the policy, the batches counted and the candidates
 * shown, and from nothing else: no clock, no randomness. One thread at a time.
 */
public final class CheckpointGate {

    private static final int STATE_VERSION = 1;
    private static final long NOTHING_PUBLISHED = -1;

    /** So that 0.80 to 0.79 is a fall of 0.01 and not of a little more. */
    private static final double ROUNDING = 1e-9;

    private final GatePolicy policy;
    private long batchesSinceAttempt;
    private long lastStep = NOTHING_PUBLISHED;
    private double lastAccuracy = Double.NaN;
    private int regressionHolds;

    public CheckpointGate(GatePolicy policy) {
        this.policy = policy;
    }

    /**
     * Counts one more batch.
     *
     * @return true when {@link #decide} is due now
     */
    public boolean countBatch() {
        batchesSinceAttempt++;
        return batchesSinceAttempt >= policy.everyBatches();
    }

    /**
     * Decides, remembers the candidate when it is published, and starts to count batches anew.
     *
     * @param verification exports the student and compares; called only when nothing else keeps the student back, as
     *     it is by far the dearest check
     */
    public Manifest.Gate decide(Candidate candidate, Supplier<Verification> verification) {
        batchesSinceAttempt = 0;
        List<String> held = new ArrayList<>();
        if (candidate.eventsSeen() < policy.minEvents()) {
            held.add(format("%d events seen, %d needed", candidate.eventsSeen(), policy.minEvents()));
        }
        if (policy.holds(candidate.drift())) {
            held.add(format("drift level is %s", candidate.drift().name().toLowerCase(Locale.ROOT)));
        }
        List<String> passed = new ArrayList<>();
        boolean regressed = regressed(candidate);
        if (regressed) {
            String fall = format(
                    "window accuracy %.4f is %.4f below %.4f of the last published student (step %d), %.4f allowed",
                    candidate.accuracy(),
                    lastAccuracy - candidate.accuracy(),
                    lastAccuracy,
                    lastStep,
                    policy.maxRegression());
            if (policy.forceAfterHolds() > 0 && regressionHolds >= policy.forceAfterHolds()) {
                passed.add(fall + format("; published all the same after %d holds", regressionHolds));
            } else {
                if (held.isEmpty()) {
                    regressionHolds++;
                }
                held.add(fall);
            }
        } else {
            regressionHolds = 0;
        }
        if (!held.isEmpty()) {
            return new Manifest.Gate(Decision.HELD, held);
        }
        Verification verified = verification.get();
        if (!verified.passed()) {
            return new Manifest.Gate(Decision.HELD, List.of(failure(verified)));
        }
        if (!regressed) {
            passed.add(
                    lastStep == NOTHING_PUBLISHED
                            ? "first student"
                            : format(
                                    "window accuracy %.4f, %.4f of the last published student (step %d)",
                                    candidate.accuracy(), lastAccuracy, lastStep));
        }
        lastStep = candidate.step();
        if (!Double.isNaN(candidate.accuracy())) {
            lastAccuracy = candidate.accuracy();
        }
        regressionHolds = 0;
        return new Manifest.Gate(Decision.PUBLISHED, passed);
    }

    /** Step of the student published last: the next one's parent version. */
    public OptionalLong lastPublishedStep() {
        return lastStep == NOTHING_PUBLISHED ? OptionalLong.empty() : OptionalLong.of(lastStep);
    }

    /** All that {@link #restore} needs to decide as this gate would. */
    public byte[] state() {
        return ByteBuffer.allocate(Integer.BYTES + Long.BYTES + Long.BYTES + Double.BYTES + Integer.BYTES)
                .putInt(STATE_VERSION)
                .putLong(batchesSinceAttempt)
                .putLong(lastStep)
                .putDouble(lastAccuracy)
                .putInt(regressionHolds)
                .array();
    }

    /**
     * @param policy may be another one than at the time of {@link #state}
     * @throws IllegalArgumentException when the state is newer than this build or not a gate's
     */
    public static CheckpointGate restore(GatePolicy policy, byte[] state) {
        ByteBuffer in = ByteBuffer.wrap(state);
        try {
            int version = in.getInt();
            if (version > STATE_VERSION) {
                throw new IllegalArgumentException("gate state version " + version + " found, this build reads up to "
                        + STATE_VERSION + "; start with the newer build");
            }
            CheckpointGate gate = new CheckpointGate(policy);
            gate.batchesSinceAttempt = in.getLong();
            gate.lastStep = in.getLong();
            gate.lastAccuracy = in.getDouble();
            gate.regressionHolds = in.getInt();
            if (version < 1 || in.hasRemaining() || gate.batchesSinceAttempt < 0) {
                throw notAGate(state, null);
            }
            return gate;
        } catch (BufferUnderflowException e) {
            throw notAGate(state, e);
        }
    }

    private static IllegalArgumentException notAGate(byte[] state, @Nullable Exception e) {
        return new IllegalArgumentException(
                "the gate's state has " + state.length + " bytes that are not its own; was it written by another part?",
                e);
    }

    private boolean regressed(Candidate candidate) {
        return lastAccuracy - candidate.accuracy() > policy.maxRegression() + ROUNDING;
    }

    private static String failure(Verification verified) {
        return verified.rows() == 0
                ? "the exported model could not be verified: no rows to compare"
                : format(
                        "the exported model differs from the live student by %.3g on %d rows, %.0e allowed",
                        verified.maxDifference(), verified.rows(), Verification.LIMIT);
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
