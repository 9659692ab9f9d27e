package dev.reflux.jobs.pipeline;

import dev.reflux.checkpoints.gate.CheckpointGate;
import dev.reflux.checkpoints.gate.GatePolicy;
import dev.reflux.jobs.pipeline.options.Option;
import dev.reflux.jobs.pipeline.options.Options;

/** When a due checkpoint is published and when it is held back. */
public record GateSettings(
        @Option(
                description =
                        "Largest loss of accuracy against the published student, as a share of 1; 1 switches off all comparing, and whatever verifies is published",
                defaultValue = "0.01",
                range = "[0, 1]")
        double maxRegression,

        @Option(
                description = "Largest rise of the log loss against the published student",
                unit = "nats",
                defaultValue = "0.1",
                range = "[0, 100]")
        double maxLogLossRise,

        @Option(
                description = "Largest rise of the calibration error against the published student, as a share of 1",
                defaultValue = "0.05",
                range = "[0, 1]")
        double maxCalibrationRise,

        @Option(
                description = "Events that a student must have seen before it is published",
                unit = "events",
                defaultValue = "1000",
                range = "[0, inf)")
        long minEvents,

        @Option(description = "Drift level from which nothing is published", defaultValue = "never")
        GatePolicy.Hold hold,

        @Option(
                description = "Events without such a level before publication goes on",
                unit = "events",
                defaultValue = "2000",
                range = "[0, inf)")
        long settle,

        @Option(
                description =
                        "Offers in a row held for regression alone after which a student is published all the same, if it is no worse than the published one on the same events and better than chance; 0 is never",
                unit = "offers",
                defaultValue = "10",
                range = "[0, 1000000]")
        int forceAfter) {

    public GateSettings {
        Options.check(
                GateSettings.class,
                maxRegression,
                maxLogLossRise,
                maxCalibrationRise,
                minEvents,
                hold,
                settle,
                forceAfter);
    }

    /** Whether students are compared at all. */
    boolean compares() {
        return maxRegression < 1;
    }

    /**
     * The rules of the gate.
     *
     * @param everyBatches batches between two offers
     * @param batchSize events of a full batch
     * @param offerAfterDrift batches after a drift at which a student is offered out of turn; 0 is never
     */
    public GatePolicy policy(long everyBatches, int batchSize, int offerAfterDrift) {
        return new GatePolicy(
                everyBatches,
                minEvents,
                maxRegression,
                compares() ? maxLogLossRise : Double.POSITIVE_INFINITY,
                compares() ? maxCalibrationRise : 1,
                hold,
                settle,
                forceAfter,
                offerAfterDrift,
                (CheckpointGate.COMPARED_EVENTS + batchSize - 1L) / batchSize);
    }
}
