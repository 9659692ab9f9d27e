package dev.reflux.checkpoints.gate;

import dev.reflux.checkpoints.Manifest;
import dev.reflux.checkpoints.Manifest.Decision;
import dev.reflux.checkpoints.Manifest.Quality;
import dev.reflux.checkpoints.Manifest.Verification;
import dev.reflux.checkpoints.gate.Reason.Code;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Decides which students are published: challengers of the one published last, the champion. A challenger must be as good
 * as the champion was when it was published. Where it is not, the stream may have got harder, or it may have learned what is
 * not so; the two are told apart on the same events, which the champion is shown beside it: it passes when it is clearly the
 * better one there. Where labels are noise for a while, neither is, and nothing passes until the noise is over.
 *
 * <p>Decisions follow from the policy, the batches counted, the outcomes and the candidates shown, and from nothing else: no
 * clock, no randomness. One thread at a time.
 */
public final class CheckpointGate {

    /** Events over which champion and challenger are compared, at most. */
    public static final int COMPARED_EVENTS = 2_000;

    private static final int STATE_VERSION = 3;
    private static final long NOTHING_PUBLISHED = -1;
    private static final int NO_OFFER = -1;

    /** So that 0.80 to 0.79 is a fall of 0.01 and not of a little more. */
    private static final double ROUNDING = 1e-9;

    private final GatePolicy policy;
    private final PairedWindow window = new PairedWindow(COMPARED_EVENTS);
    private long batchesSinceOffer;
    private long lastStep = NOTHING_PUBLISHED;
    private Quality lastQuality = unmeasured();
    private int regressionHolds;
    private long unsettledUntil;
    private int batchesToOffer = NO_OFFER;

    public CheckpointGate(GatePolicy policy) {
        this.policy = policy;
    }

    /**
     * Counts one more batch.
     *
     * @return true when {@link #decide} is due now
     */
    public boolean countBatch() {
        batchesSinceOffer++;
        if (batchesToOffer > 0) {
            batchesToOffer--;
        }
        return batchesSinceOffer >= policy.everyBatches() || batchesToOffer == 0;
    }

    /** Whether the next batch is one of those before an offer that the evaluation window covers. */
    public boolean isOfferNear() {
        return batchesSinceOffer + policy.comparedBatches() >= policy.everyBatches()
                || batchesToOffer != NO_OFFER && batchesToOffer <= policy.comparedBatches();
    }

    /** Whether the champion's outcomes on the next batch are wanted: an offer is near, and there is a champion. */
    public boolean wantsComparison() {
        return lastStep != NOTHING_PUBLISHED && isOfferNear();
    }

    /**
     * Adds an event that challenger and champion both predicted before they learned it.
     *
     * @param truth class of the event, from 0
     */
    public void compare(int truth, Outcome challenger, Outcome champion) {
        window.add(truth, challenger, champion);
    }

    /** Takes in the drift level after a batch, before that is counted; a level that holds does so until the stream has settled. */
    public void observeDrift(DriftLevel level, long eventsSeen) {
        if (policy.holds(level)) {
            unsettledUntil = eventsSeen + policy.settleEvents();
        }
        if (level == DriftLevel.DRIFT && policy.offerAfterDrift() > 0) {
            batchesToOffer = policy.offerAfterDrift() + 1;
        }
    }

    /** As {@link #decide(Candidate, Supplier, Supplier)}, of a student whose weights are published as they are. */
    public GateDecision decide(Candidate candidate, Supplier<Verification> verification) {
        return decide(candidate, verification, Optional::empty);
    }

    /**
     * Decides, remembers the candidate when it is published, and starts to count batches anew, unless it was out of turn.
     *
     * @param verification exports the student and compares; called only when nothing else keeps the student back, as
     *     it is by far the dearest check
     * @param precisionLoss what fewer bits cost; called after the verification
     */
    public GateDecision decide(
            Candidate candidate,
            Supplier<Verification> verification,
            Supplier<Optional<Manifest.PrecisionLoss>> precisionLoss) {
        boolean afterDrift = batchesToOffer == 0;
        if (afterDrift) {
            batchesToOffer = NO_OFFER;
        }
        if (!afterDrift || batchesSinceOffer >= policy.everyBatches()) {
            batchesSinceOffer = 0;
        }
        Comparison comparison = window.comparison();
        List<Reason> held = new ArrayList<>();
        if (candidate.eventsSeen() < policy.minEvents()) {
            held.add(reason(
                    Code.TOO_FEW_EVENTS, "%d events seen, %d needed", candidate.eventsSeen(), policy.minEvents()));
        }
        addDrift(candidate, held);
        List<Reason> regressions = regressions(candidate.quality());
        List<Reason> passed = new ArrayList<>();
        Optional<Comparison> worse = window.clearlyWorse(policy.maxRegression() + ROUNDING);
        if (worse.isPresent()) {
            regressions.add(new Reason(Code.WORSE_NOW, inWords(worse.get())));
        } else if (!regressions.isEmpty()) {
            if (comparison.advantage() >= PairedWindow.CLEARLY && window.hasLearned()) {
                passed.add(reason(Code.BETTER_NOW, "%s; %s", texts(regressions), inWords(comparison)));
            } else if (isForced() && hasLearned(candidate.quality())) {
                passed.add(reason(
                        Code.FORCED, "%s; published all the same after %d holds", texts(regressions), regressionHolds));
            } else if (afterDrift && hasLearned(candidate.quality())) {
                passed.add(reason(
                        Code.AFTER_DRIFT,
                        "%s; published all the same, %d batches after a drift",
                        texts(regressions),
                        policy.offerAfterDrift()));
            }
        }
        if (passed.isEmpty() && !regressions.isEmpty()) {
            if (held.isEmpty()) {
                regressionHolds++;
            }
            held.addAll(regressions);
        }
        if (held.isEmpty()) {
            Verification verified = verification.get();
            if (!verified.passed()) {
                held.add(new Reason(Code.NOT_VERIFIED, failure(verified)));
            } else {
                precisionLoss
                        .get()
                        .filter(loss -> loss.accuracy() > policy.maxRegression() + ROUNDING
                                || Double.isNaN(loss.maxDifference()))
                        .ifPresent(loss -> held.add(reason(
                                Code.PRECISION_LOSS,
                                "the model with fewer bits loses %.4f of accuracy on %d events, %.4f allowed",
                                loss.accuracy(),
                                loss.events(),
                                policy.maxRegression())));
            }
        }
        if (held.isEmpty()) {
            return publish(candidate, passed, comparison);
        }
        return decision(Decision.HELD, candidate, held, comparison);
    }

    private GateDecision publish(Candidate candidate, List<Reason> passed, Comparison comparison) {
        if (passed.isEmpty()) {
            passed.add(
                    lastStep == NOTHING_PUBLISHED
                            ? new Reason(Code.FIRST, "first student")
                            : reason(
                                    Code.AS_GOOD,
                                    "window accuracy %.4f, %.4f of the last published student (step %d)",
                                    candidate.quality().accuracy(),
                                    lastQuality.accuracy(),
                                    lastStep));
        }
        GateDecision decision = decision(Decision.PUBLISHED, candidate, passed, comparison);
        lastStep = candidate.step();
        if (!Double.isNaN(candidate.quality().accuracy())) {
            lastQuality = candidate.quality();
        }
        regressionHolds = 0;
        window.clear();
        return decision;
    }

    private GateDecision decision(Decision decision, Candidate candidate, List<Reason> reasons, Comparison comparison) {
        return new GateDecision(
                decision,
                candidate,
                reasons,
                lastPublishedStep(),
                lastStep == NOTHING_PUBLISHED ? null : lastQuality,
                comparison);
    }

    private void addDrift(Candidate candidate, List<Reason> held) {
        if (policy.holds(candidate.drift())) {
            held.add(reason(
                    Code.DRIFT_LEVEL,
                    "drift level is %s",
                    candidate.drift().name().toLowerCase(Locale.ROOT)));
        } else if (candidate.eventsSeen() < unsettledUntil) {
            held.add(reason(
                    Code.DRIFT_LEVEL,
                    "the drift level was raised %d events ago, %d without are needed",
                    policy.settleEvents() - (unsettledUntil - candidate.eventsSeen()),
                    policy.settleEvents()));
        }
    }

    /** In what the challenger is worse than the champion was when it was published; empties the count of holds if in nothing. */
    private List<Reason> regressions(Quality now) {
        List<Reason> found = new ArrayList<>();
        if (lastQuality.accuracy() - now.accuracy() > policy.maxRegression() + ROUNDING) {
            found.add(reason(
                    Code.ACCURACY_FELL,
                    "window accuracy %.4f is %.4f below %.4f of the last published student (step %d), %.4f allowed",
                    now.accuracy(),
                    lastQuality.accuracy() - now.accuracy(),
                    lastQuality.accuracy(),
                    lastStep,
                    policy.maxRegression()));
        }
        if (now.logLoss() - lastQuality.logLoss() > policy.maxLogLossRise() + ROUNDING) {
            found.add(reason(
                    Code.LOG_LOSS_ROSE,
                    "window log loss %.4f is %.4f above %.4f of the last published student (step %d), %.4f allowed",
                    now.logLoss(),
                    now.logLoss() - lastQuality.logLoss(),
                    lastQuality.logLoss(),
                    lastStep,
                    policy.maxLogLossRise()));
        }
        if (now.calibrationError() - lastQuality.calibrationError() > policy.maxCalibrationRise() + ROUNDING) {
            found.add(reason(
                    Code.CALIBRATION_ERROR_ROSE,
                    "window calibration error %.4f is %.4f above %.4f of the last published student (step %d),"
                            + " %.4f allowed",
                    now.calibrationError(),
                    now.calibrationError() - lastQuality.calibrationError(),
                    lastQuality.calibrationError(),
                    lastStep,
                    policy.maxCalibrationRise()));
        }
        if (found.isEmpty()) {
            regressionHolds = 0;
        }
        return found;
    }

    private boolean isForced() {
        return policy.forceAfterHolds() > 0 && regressionHolds >= policy.forceAfterHolds();
    }

    /** Without a champion to compare with, which a state of the first build does not hold, the window has to do. */
    private boolean hasLearned(Quality quality) {
        return window.comparison().events() == 0
                ? quality.kappa() * Math.sqrt(quality.window()) >= PairedWindow.CLEARLY
                : window.hasLearned();
    }

    private static String inWords(Comparison comparison) {
        return format(
                "on the last %d events accuracy %.4f, the published student now %.4f (%d to %d where they differ)",
                comparison.events(),
                comparison.accuracy(),
                comparison.publishedAccuracy(),
                comparison.onlyStudentRight(),
                comparison.onlyPublishedRight());
    }

    private static String texts(List<Reason> reasons) {
        return String.join("; ", reasons.stream().map(Reason::text).toList());
    }

    /** Step of the student published last: the next one's parent version. */
    public OptionalLong lastPublishedStep() {
        return lastStep == NOTHING_PUBLISHED ? OptionalLong.empty() : OptionalLong.of(lastStep);
    }

    /** All that {@link #restore} needs to decide as this gate would. */
    public byte[] state() {
        ByteBuffer out =
                ByteBuffer.allocate(3 * Integer.BYTES + 4 * Long.BYTES + 5 * Double.BYTES + window.stateBytes());
        out.putInt(STATE_VERSION)
                .putLong(batchesSinceOffer)
                .putLong(lastStep)
                .putDouble(lastQuality.accuracy())
                .putInt(regressionHolds)
                .putDouble(lastQuality.kappa())
                .putDouble(lastQuality.logLoss())
                .putDouble(lastQuality.calibrationError())
                .putDouble(lastQuality.agreement())
                .putLong(lastQuality.window())
                .putLong(unsettledUntil)
                .putInt(batchesToOffer);
        window.write(out);
        return out.array();
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
            gate.batchesSinceOffer = in.getLong();
            gate.lastStep = in.getLong();
            double accuracy = in.getDouble();
            gate.regressionHolds = in.getInt();
            if (version == 1) {
                // it compared nothing but accuracies
                gate.lastQuality = new Quality(accuracy, Double.NaN, Double.NaN, Double.NaN, Double.NaN, 0);
            } else {
                gate.lastQuality = new Quality(
                        accuracy, in.getDouble(), in.getDouble(), in.getDouble(), in.getDouble(), in.getLong());
                gate.unsettledUntil = in.getLong();
                gate.batchesToOffer = version == 2 ? NO_OFFER : in.getInt();
                gate.window.read(in);
            }
            if (version < 1 || in.hasRemaining() || gate.batchesSinceOffer < 0) {
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

    private static Quality unmeasured() {
        return new Manifest.Quality(Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN, 0);
    }

    private static String failure(Verification verified) {
        return verified.rows() == 0
                ? "the exported model could not be verified: no rows to compare"
                : format(
                        "the exported model differs from the live student by %.3g on %d rows, %.0e allowed",
                        verified.maxDifference(), verified.rows(), Verification.LIMIT);
    }

    private static Reason reason(Code code, String pattern, Object... values) {
        return new Reason(code, format(pattern, values));
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
