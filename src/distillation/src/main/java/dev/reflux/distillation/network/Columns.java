package dev.reflux.distillation.network;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import dev.reflux.distillation.export.GraphWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * Columns of the encoded rows, for networks that treat parts of a row differently: the run of a part, or all that lies
 * beside some parts.
 */
final class Columns {

    /** @param to exclusive */
    private record Run(int from, int to) {}

    private final String name;
    private final List<Run> runs;
    private final int width;

    private Columns(String name, List<Run> runs) {
        this.name = name;
        this.runs = List.copyOf(runs);
        this.width = runs.stream().mapToInt(run -> run.to() - run.from()).sum();
    }

    /** Those of one part. */
    static Columns of(String name, InputShape.Part part) {
        return of(name, part.at(), part.at() + part.width());
    }

    /** @param to exclusive */
    static Columns of(String name, int from, int to) {
        return new Columns(name, List.of(new Run(from, to)));
    }

    /** What is left of a row without some of its parts. */
    static Columns beside(Collection<? extends InputShape.Part> taken, InputShape input) {
        List<Run> runs = new ArrayList<>();
        for (InputShape.Part part : input.parts()) {
            if (!taken.contains(part)) {
                int last = runs.size() - 1;
                boolean goesOn = last >= 0 && runs.get(last).to() == part.at();
                int from = goesOn ? runs.remove(last).from() : part.at();
                runs.add(new Run(from, part.at() + part.width()));
            }
        }
        return new Columns("beside", runs);
    }

    /** Number of columns. */
    int width() {
        return width;
    }

    /** {@code x} with these columns of the rows behind it. */
    NDArray append(NDArray x, NDArray rows) {
        NDList parts = new NDList(x);
        runs.forEach(run -> parts.add(read(rows, run)));
        return parts.size() == 1 ? x : NDArrays.concat(parts, 1);
    }

    /** As {@link #append(NDArray, NDArray)}, in a graph. */
    String append(GraphWriter graph, String x, String rows) {
        List<String> parts = new ArrayList<>(List.of(x));
        runs.forEach(run -> parts.add(read(graph, rows, run)));
        return parts.size() == 1 ? x : graph.node("Concat", parts, Map.of("axis", 1L));
    }

    /** {@code [batch, width]} of rows, where the columns are one run. */
    NDArray read(NDArray rows) {
        return read(rows, runs.get(0));
    }

    /** As {@link #read(NDArray)}, in a graph. */
    String read(GraphWriter graph, String rows) {
        return read(graph, rows, runs.get(0));
    }

    private static NDArray read(NDArray rows, Run run) {
        long end = rows.getShape().get(1);
        if (run.from() == 0 && run.to() == end) {
            return rows;
        }
        if (run.from() == 0) {
            return rows.split(new long[] {run.to()}, 1).get(0);
        }
        long[] cuts = run.to() == end ? new long[] {run.from()} : new long[] {run.from(), run.to()};
        return rows.split(cuts, 1).get(1);
    }

    private String read(GraphWriter graph, String rows, Run run) {
        String from = graph.constant(name + ".from", new long[] {run.from()}, 1);
        String to = graph.constant(name + ".to", new long[] {run.to()}, 1);
        return graph.node("Slice", rows, from, to, graph.constant(name + ".axis", new long[] {1}, 1));
    }
}
