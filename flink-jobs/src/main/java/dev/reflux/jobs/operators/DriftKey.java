package dev.reflux.jobs.operators;

import dev.reflux.drift.DriftRecord;
import org.jspecify.annotations.Nullable;

/**
 * What a drift record is on.
 *
 * @param feature null where the metric is not a feature's
 * @param detector type of the detector, or name of the measure
 */
record DriftKey(String subject, String metric, @Nullable String feature, String detector) {

    static DriftKey of(DriftRecord record) {
        return new DriftKey(record.subject(), record.metric(), record.feature(), record.detector());
    }
}
