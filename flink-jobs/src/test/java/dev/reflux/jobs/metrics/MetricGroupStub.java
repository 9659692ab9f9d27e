package dev.reflux.jobs.metrics;

import java.util.Map;
import org.apache.flink.metrics.CharacterFilter;
import org.apache.flink.metrics.LogicalScopeProvider;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;

/** A group with a scope and variables, as a reporter sees it. */
final class MetricGroupStub extends UnregisteredMetricsGroup implements LogicalScopeProvider {
    private final String scope;
    private final Map<String, String> variables;

    MetricGroupStub(String scope, Map<String, String> variables) {
        this.scope = scope;
        this.variables = variables;
    }

    @Override
    public Map<String, String> getAllVariables() {
        return variables;
    }

    @Override
    public String getLogicalScope(CharacterFilter filter) {
        return scope;
    }

    @Override
    public String getLogicalScope(CharacterFilter filter, char delimiter) {
        return scope;
    }

    @Override
    public MetricGroup getWrappedMetricGroup() {
        return this;
    }
}
