package dev.reflux.distillation.network;

import java.util.ArrayList;
import java.util.List;

/** Lays a network's parameters out one behind the other. */
public final class ParameterPlan {

    private final List<Parameter> parameters = new ArrayList<>();

    /** Appends a parameter and returns its offset in the flat array. */
    public int add(String name, List<Integer> shape, Parameter.Start start) {
        int offset = size();
        parameters.add(new Parameter(name, shape, offset, start));
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
