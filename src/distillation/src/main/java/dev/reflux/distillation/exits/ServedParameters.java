package dev.reflux.distillation.exits;

import dev.reflux.distillation.export.GraphWriter;
import dev.reflux.distillation.network.Network;
import dev.reflux.distillation.network.Parameter;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Follows an export and tells which of the network's parameters its logits depend on. */
final class ServedParameters implements GraphWriter {

    private final Set<String> parameters;
    private final Map<String, Set<String>> dependencies = new HashMap<>();

    private ServedParameters(Set<String> parameters) {
        this.parameters = parameters;
    }

    /** Values in the parameters that the logits depend on. */
    static int count(Network network) {
        Set<String> names = network.parameters().stream().map(Parameter::name).collect(Collectors.toSet());
        ServedParameters graph = new ServedParameters(names);
        String input = graph.add("input", List.of());
        List<String> outputs = network.export(graph, input, new float[network.parameterCount()]);
        Set<String> served = graph.dependencies.getOrDefault(outputs.get(0), Set.of());
        return network.parameters().stream()
                .filter(parameter -> served.contains(parameter.name()))
                .mapToInt(Parameter::size)
                .sum();
    }

    @Override
    public String constant(String name, float[] values, long... shape) {
        return add(name, parameters.contains(name) ? List.of(name) : List.of());
    }

    @Override
    public String constant(String name, long[] values, long... shape) {
        return add(name, List.of());
    }

    @Override
    public List<String> node(String type, List<String> inputs, Map<String, Object> attributes, int outputs) {
        Set<String> all = new HashSet<>();
        inputs.forEach(input -> all.addAll(dependencies.getOrDefault(input, Set.of())));
        return IntStream.range(0, outputs).mapToObj(i -> add(type, all)).toList();
    }

    private String add(String name, Collection<String> on) {
        String unique = name + "#" + dependencies.size();
        dependencies.put(unique, Set.copyOf(on));
        return unique;
    }
}
