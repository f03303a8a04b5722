namespace Pipeline.Onnx.Npz;

/// <summary>Carries a fault to <see cref="NpzReader"/>, which returns it as a value.</summary>
internal sealed class NpzFaultException(string message) : Exception(message);
