package dev.reflux.distillation.network;

import java.util.ArrayList;
import java.util.List;

/** Lays a network's parameters out one behind the other. */
public final class ParameterPlan {

    private final List<Parameter> parameters = new ArrayList<>();

    /** Appends a parameter. */
    public Parameter add(String name, List<Integer> shape, Parameter.Start start) {
        Parameter parameter = new Parameter(name, shape, size(), start);
        parameters.add(parameter);
        return parameter;
    }

    /** Appends the parameters of a network that is a part of this one; returns the offset of the first. */
    public int addAll(Network part) {
        int offset = size();
        part.parameters().forEach(parameter -> add(parameter.name(), parameter.shape(), parameter.start()));
        return offset;
    }

    /** Values laid out so far. */
    public int size() {
        if (parameters.isEmpty()) {
            return 0;
        }
        Parameter last = parameters.get(parameters.size() - 1);
        return Math.addExact(last.offset(), last.size());
    }

    /** What was added, in order. */
    public List<Parameter> parameters() {
        return List.copyOf(parameters);
    }
}
