package dev.reflux.distillation.engine;

import dev.reflux.distillation.state.StateException;

/** Copies restored arrays into place, refusing those of another shape. */
final class StateChecks {

    private StateChecks() {}

    static void copy(String what, float[] found, float[] into) {
        requireLength(what, found.length, into.length);
        System.arraycopy(found, 0, into, 0, into.length);
    }

    static void copy(String what, double[] found, double[] into) {
        requireLength(what, found.length, into.length);
        System.arraycopy(found, 0, into, 0, into.length);
    }

    static void copy(String what, int[] found, int[] into) {
        requireLength(what, found.length, into.length);
        System.arraycopy(found, 0, into, 0, into.length);
    }

    private static void requireLength(String what, int found, int expected) {
        if (found != expected) {
            throw new StateException(what + ": " + found + " values found in the state, " + expected
                    + " needed: the state belongs to a network of another shape");
        }
    }
}
