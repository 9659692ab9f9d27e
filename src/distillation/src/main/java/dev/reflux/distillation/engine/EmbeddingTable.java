package dev.reflux.distillation.engine;

import dev.reflux.distillation.state.StateReader;
import dev.reflux.distillation.state.StateWriter;
import java.util.Arrays;

/**
 * A vector per code, learned sparsely: a step changes only the rows whose codes it saw. Momentum and Adam are lazy: a
 * row's moments stand still while its code is not seen, and Adam corrects its bias by the row's own number of steps, so
 * that a rare code moves at the full rate instead of by what is left of a moment that decayed in its absence.
 */
final class EmbeddingTable {

    private static final int VERSION = 1;

    private final int rows;
    private final int width;
    private final float[] values;
    private final FlatOptimizer optimizer;
    private final int[] steps;

    private final int[] slots;
    private final boolean[] marked;
    private int[] touched = new int[16];
    private int touchedCount;
    private float[] gradient;

    /** @param deviation standard deviation of the values it starts with */
    EmbeddingTable(int rows, int width, double deviation, OptimizerSpec optimizer, Rng rng) {
        this.rows = rows;
        this.width = width;
        this.values = new float[Math.multiplyExact(rows, width)];
        this.optimizer = new FlatOptimizer(optimizer, values.length, 0);
        this.steps = new int[rows];
        this.slots = new int[rows];
        this.marked = new boolean[rows];
        this.gradient = new float[touched.length * width];
        Arrays.fill(slots, -1);
        rng.uniform(values, 0, values.length, deviation * deviation);
    }

    int rows() {
        return rows;
    }

    int width() {
        return width;
    }

    float[] values() {
        return values;
    }

    /** {@code target += factor * row}. */
    void addRow(int row, float factor, float[] target, int at) {
        Kernels.axpy(factor, values, row * width, target, at, width);
    }

    /** Brings the different ones of the first {@code count} codes to the front, in order; returns their number. */
    int distinct(int[] codes, int count) {
        int kept = 0;
        for (int i = 0; i < count; i++) {
            if (!marked[codes[i]]) {
                marked[codes[i]] = true;
                codes[kept++] = codes[i];
            }
        }
        for (int i = 0; i < kept; i++) {
            marked[codes[i]] = false;
        }
        return kept;
    }

    /** Adds {@code factor} times the run at {@code at} to the gradient of {@code row}. */
    void addGradient(int row, float factor, float[] from, int at) {
        int slot = slots[row];
        if (slot < 0) {
            slot = touchedCount++;
            if (slot == touched.length) {
                touched = Arrays.copyOf(touched, 2 * slot);
                gradient = Arrays.copyOf(gradient, touched.length * width);
            }
            slots[row] = slot;
            touched[slot] = row;
            Arrays.fill(gradient, slot * width, (slot + 1) * width, 0);
        }
        Kernels.axpy(factor, from, at, gradient, slot * width, width);
    }

    double gradientSquares() {
        return Kernels.squares(gradient, 0, touchedCount * width);
    }

    /** Moves the rows that have a gradient, then forgets it. */
    void step(double learningRate, float scale) {
        for (int slot = 0; slot < touchedCount; slot++) {
            int row = touched[slot];
            optimizer.prepare(++steps[row], learningRate, scale);
            optimizer.update(values, row * width, gradient, slot * width, row * width, width);
        }
        dropGradient();
    }

    void dropGradient() {
        for (int slot = 0; slot < touchedCount; slot++) {
            slots[touched[slot]] = -1;
        }
        touchedCount = 0;
    }

    void write(StateWriter out) {
        out.section("embedding", VERSION, body -> {
            body.putFloats(values).putInts(steps);
            optimizer.write(body);
        });
    }

    void read(StateReader in) {
        StateReader body = in.section("embedding", VERSION);
        StateChecks.copy("embedding", body.getFloats(), values);
        StateChecks.copy("embedding steps", body.getInts(), steps);
        optimizer.read(body);
    }
}
