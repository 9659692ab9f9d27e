package dev.reflux.jobs.report;

import org.apache.flink.api.common.accumulators.Accumulator;
import org.apache.flink.api.common.accumulators.SimpleAccumulator;

/** Carries one operator's part of the report, as JSON, from the end of a bounded job to whoever waits for its result. */
public final class JsonAccumulator implements SimpleAccumulator<String> {

    private static final long serialVersionUID = 1L;

    private String json = "";

    @Override
    public void add(String value) {
        json = value;
    }

    @Override
    public String getLocalValue() {
        return json;
    }

    @Override
    public void resetLocal() {
        json = "";
    }

    @Override
    public void merge(Accumulator<String, String> other) {
        if (!other.getLocalValue().isEmpty()) {
            json = other.getLocalValue();
        }
    }

    @Override
    public JsonAccumulator clone() {
        JsonAccumulator copy = new JsonAccumulator();
        copy.json = json;
        return copy;
    }
}
