"""Letters to patients: queue() writes down what is owed, deliver() sends it. A message is a row before it is an email."""
